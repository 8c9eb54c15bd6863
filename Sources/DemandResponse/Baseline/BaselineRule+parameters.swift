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
        case .highOfLatest(let rule):
            [
                ("selection", "high-of-latest"), ("lookBack", "\(rule.lookBack)"), ("wanted", rule.wanted.text),
                ("highest", rule.highest.text), ("lowUseShare", "\(rule.lowUseShare)"),
            ]
        case .likeDays(let rule):
            [
                ("selection", "like-days"), ("lookBack", "\(rule.lookBack)"), ("wanted", rule.wanted.text),
                ("atLeast", rule.atLeast.text), ("highest", rule.highest?.text ?? "all"),
            ]
        case .middleOfLatest(let rule):
            [
                ("selection", "middle-of-latest"), ("lookBack", "\(rule.lookBack)"), ("wanted", "\(rule.wanted)"),
                ("atLeast", "\(rule.atLeast)"),
            ]
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

extension DayCount {
    fileprivate var text: String { "\(business)/\(other)" }
}
