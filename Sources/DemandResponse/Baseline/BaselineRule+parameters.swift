import Measures

extension BaselineRule {
    /// Every parameter of the rule as one text that is equal for equal rules only: `name=value` by semicolons.
    public var canonicalParameters: String {
        (selection.parameters + (adjustment?.parameters ?? [("adjustment", "none")]))
            .map { "\($0.0)=\($0.1)" }.joined(separator: ";")
    }
}

private typealias Parameters = [(String, String)]

extension BaselineRule.Selection {
    fileprivate var parameters: Parameters {
        switch self {
        case .averageDay(let rule):
            [
                ("selection", "average-day"), ("lookBack", "\(rule.lookBack)"),
                ("startsDaysBefore", "\(rule.startsDaysBefore)"), ("wanted", rule.wanted.text),
                ("atLeast", rule.atLeast.text), ("highest", rule.highest.text), ("lowUseShare", "\(rule.lowUseShare)"),
                ("weekdayLookBack", "\(rule.weekdayLookBack)"),
            ]
        case .controlGroup(let rule):
            [
                ("selection", "control-group"), ("lookBack", "\(rule.lookBack)"), ("wanted", "\(rule.wanted)"),
                ("atLeast", "\(rule.atLeast)"), ("highestError", "\(rule.highestError)"),
            ]
        case .highOfLatest(let rule):
            [
                ("selection", "high-of-latest"), ("lookBack", "\(rule.lookBack)"), ("wanted", rule.wanted.text),
                ("highest", rule.highest.text), ("lowUseShare", "\(rule.lowUseShare)"),
            ]
        case .likeDayARIMA(let rule):
            [
                ("selection", "like-day-arima"), ("lookBack", "\(rule.lookBack)"), ("wanted", "\(rule.wanted)"),
                ("atLeast", "\(rule.atLeast)"), ("gap", "\(rule.gap.seconds)"),
                ("base", rule.base.map { "\($0)" }.joined(separator: "/")),
                ("day", rule.day.map { "\($0)" }.joined(separator: "/")),
                ("temperatureKnot", rule.temperatureKnot.map { "\($0)" } ?? "none"),
            ]
        case .likeDays(let rule):
            [
                ("selection", "like-days"), ("lookBack", "\(rule.lookBack)"), ("wanted", rule.wanted.text),
                ("atLeast", rule.atLeast.text), ("highest", rule.highest?.text ?? "all"),
            ] + (rule.takesBusinessDaysOnly ? [("days", "business")] : [])
        case .middleOfLatest(let rule):
            [
                ("selection", "middle-of-latest"), ("lookBack", "\(rule.lookBack)"), ("wanted", "\(rule.wanted)"),
                ("atLeast", "\(rule.atLeast)"),
            ]
        case .placeboChoice(let rule):
            [
                ("selection", "placebo-choice"), ("blend", rule.blend.text), ("placeboDays", "\(rule.placeboDays)"),
                ("atLeast", "\(rule.atLeast)"), ("lookBack", "\(rule.lookBack)"), ("gap", "\(rule.gap.seconds)"),
            ]
                + rule.candidates.map {
                    ("candidate", "\($0.id) \($0.version) {\($0.canonicalParameters)}")
                }
        case .timeOfWeekAndTemperature(let rule):
            [
                ("selection", "time-of-week-and-temperature"), ("lookBack", "\(rule.lookBack)"),
                ("knots", rule.knots.map { "\($0)" }.joined(separator: "/")),
                ("leastBeyondKnot", "\(rule.leastBeyondKnot)"), ("atLeast", "\(rule.atLeast)"),
            ]
        case .weatherMatching(let rule):
            [("selection", "weather-matching"), ("lookBack", "\(rule.lookBack)"), ("nearest", "\(rule.nearest)")]
        }
    }
}

extension SameDayAdjustment {
    fileprivate var parameters: Parameters {
        let name =
            switch kind {
            case .additive: "additive"
            case .multiplicative(let lowest, let highest): "factor \(lowest)...\(highest)"
            }
        return [("adjustment", name), ("window", "-\(startsBefore.seconds)s...-\(endsBefore.seconds)s")]
    }
}

extension PlaceboChoice.Blend {
    fileprivate var text: String {
        switch self {
        case .best: "best"
        case .weighted(let sharpness): "weighted \(sharpness)"
        }
    }
}

extension DayCount {
    fileprivate var text: String { "\(business)/\(other)" }
}
