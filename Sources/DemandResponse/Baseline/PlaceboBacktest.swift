public import Measures

/// A day without an event on which a rule was tried at the event's hours, and what the meter really drew.
public struct PlaceboTrial: Hashable, Sendable {
    public let day: CivilDay
    /// In watts, one for each interval.
    public let baseline: [Double]
    public let actual: [Double]

    public init(day: CivilDay, baseline: [Double], actual: [Double]) {
        self.day = day
        self.baseline = baseline
        self.actual = actual
    }

    init(_ day: CivilDay, _ baseline: Baseline, _ actual: [Double]) {
        self.init(day: day, baseline: baseline.intervals.map(\.power.value), actual: actual)
    }

    /// The mean of the squared errors.
    var squaredError: Double {
        var sum = 0.0
        for (expected, drawn) in zip(baseline, actual) { sum += (expected - drawn) * (expected - drawn) }
        return actual.isEmpty ? 0 : sum / Double(actual.count)
    }
}

/// How near a rule came on placebo days. Errors are baseline less actual, so a positive bias pays for nothing.
public struct PlaceboAccuracy: Hashable, Sendable {
    public let days: Int
    /// Root mean square error over mean load (CVRMSE, PJM's RRMSE).
    public let relativeError: Double
    /// Sum of errors over sum of load (NMBE).
    public let bias: Double
    /// The same on the fifth of the days with the highest load, at least three of them.
    public let highLoadBias: Double

    /// Nil without days or without load.
    public init?(_ trials: [PlaceboTrial]) {
        let ranked = trials.map { (trial: $0, load: $0.actual.reduce(0, +)) }
            .sorted { ($0.load, $0.trial.day) > ($1.load, $1.trial.day) }
        let load = ranked.reduce(0) { $0 + $1.load }
        let count = trials.reduce(0) { $0 + $1.actual.count }
        guard count > 0, load > 0 else { return nil }
        var squares = 0.0
        for trial in trials { squares += trial.squaredError * Double(trial.actual.count) }
        let top = ranked.prefix(max(3, trials.count / 5)).map(\.trial)
        days = trials.count
        relativeError = (squares / Double(count)).squareRoot() / (load / Double(count))
        bias = Self.bias(trials)
        highLoadBias = Self.bias(top)
    }

    private static func bias(_ trials: [PlaceboTrial]) -> Double {
        var (error, load) = (0.0, 0.0)
        for trial in trials {
            for (expected, drawn) in zip(trial.baseline, trial.actual) { error += expected - drawn }
            load += trial.actual.reduce(0, +)
        }
        return load > 0 ? error / load : 0
    }
}

extension BaselineContext {
    /// The same hours on another day; nil where the clock skips them.
    public func moved(to day: CivilDay) -> BaselineContext? {
        let time = calendar.zone.local(event.start).time
        guard let start = calendar.zone.instant(day, at: time) else { return nil }
        return BaselineContext(
            event: TimeWindow(start: start, duration: event.duration), history: history, calendar: calendar,
            maximumTemperatures: maximumTemperatures, temperatures: temperatures, controlGroup: controlGroup)
    }

    /// The latest days before the event that are like its day and fit for a placebo event, newest first.
    public func placeboDays(_ count: Int, lookBack: Int) -> [CivilDay] {
        var days: [CivilDay] = []
        for back in 1...max(1, lookBack) where days.count < count {
            let day = eventDay + -back
            if isLike(day), unfitness(day) == nil { days.append(day) }
        }
        return days
    }

    /// Whether a day without event can stand for a business day of the event's hours.
    public func isPlaceboBusinessDay(_ day: CivilDay) -> Bool {
        calendar.isBusinessDay(day) && unfitness(day) == nil
    }

    /// What the meter drew on a day at the event's hours; nil with a gap.
    func actual(_ day: CivilDay) -> [Double]? {
        let values = eventSlots.compactMap { history.value(day, $0) }
        return values.count == eventSlots.count ? values : nil
    }
}

extension BaselineRule {
    /// The rule on placebo days: of each it sees nothing within an hour of the event, and no later day. Days on which it
    /// has no baseline are left out.
    public func trials(_ days: [CivilDay], _ context: BaselineContext) -> [PlaceboTrial] {
        // What candidates of a choice gave for one day is asked for again by the days after it.
        var memory = PlaceboChoice.Memory()
        return days.compactMap { day in
            guard let moved = context.moved(to: day), moved.flaw == nil, let actual = moved.actual(day) else {
                return nil
            }
            let baseline =
                if case .placeboChoice(let choice) = selection {
                    try? blended(choice, moved, &memory)
                } else {
                    try? baseline(moved)
                }
            return baseline.map { PlaceboTrial(day, $0, actual) }
        }
    }

    /// The rule of the least error on the meter's own placebo days; nil when the rules are none or choose themselves.
    public static func bestByPlacebo(of rules: [BaselineRule]) -> BaselineRule? {
        PlaceboChoice(rules, blend: .best).map {
            BaselineRule(id: "best-by-placebo", version: "1.0.0", selection: .placeboChoice($0), adjustment: nil)
        }
    }
}
