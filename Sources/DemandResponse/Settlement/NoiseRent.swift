import Measures

/// What a site would have been paid on days on which nothing happened, and how far its baseline was off then.
public struct NoiseRent: Sendable {
    public let accuracy: PlaceboAccuracy
    /// The mean payment of an event in minor units: for nothing but the baseline's noise. Nil for a pool, whose shares
    /// depend on everybody.
    public let minorUnits: Double?
}

extension ProgramTerms {
    /// Pretends the event on the placebo days before it and settles them with what was really drawn; nil where the rule
    /// cannot be tried. Market prices are those of the event.
    public func noiseRent(of inputs: SettlementInputs, ruleID: String, days count: Int = 20) -> NoiseRent? {
        guard let rule = baselineRules.first(where: { $0.id == ruleID }), let context = try? inputs.context(options)
        else { return nil }
        let days = context.placeboDays(count, lookBack: 60)
        let trials = rule.trials(days, context)
        guard let accuracy = PlaceboAccuracy(trials) else { return nil }
        var parts = 0.0
        for trial in trials {
            guard let moved = context.moved(to: trial.day) else { continue }
            let windows = moved.event.intervals(every: inputs.step)
            let baseline = Baseline(
                ruleID: rule.id, ruleVersion: rule.version, considered: [], daysUsed: [],
                adjustment: .none,
                intervals: zip(windows, trial.baseline).map { .init(window: $0, power: Watts($1)) })
            let site = SiteEvent(
                meter: inputs.meter, participation: .optedIn, baseline: baseline,
                readings: zip(windows, trial.actual).map {
                    IntervalReading(start: $0.start, duration: $0.duration, energy: Watts($1) * $0.duration)
                }, pledge: inputs.pledge.map { Watts($0) },
                prices: Dictionary(
                    zip(windows, inputs.priceMicros).map {
                        ($0.start, EnergyPrice(micros: $1, currency: inputs.priceCurrency ?? currency))
                    }, uniquingKeysWith: { first, _ in first }))
            parts += (try? settle(site)).map { Double($0.amount.parts) } ?? 0
        }
        let mean = parts / Double(trials.count) / Double(ExactAmount.partsPerMinorUnit)
        if case .pool = payment { return NoiseRent(accuracy: accuracy, minorUnits: nil) }
        return NoiseRent(accuracy: accuracy, minorUnits: mean)
    }
}
