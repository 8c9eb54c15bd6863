/// How a site would get through an outage: what to hold against it, and how long what is held lasts, by zones left on.
public struct OutageOutlook: Sendable {
    /// Hours that a content lasts in one, five and nine of ten scenarios, with some zones left on.
    public struct Sustain: Hashable, Sendable {
        public let zones: [String]
        public let p10: Double
        public let p50: Double
        public let p90: Double
    }

    private let site: Site
    private let scenarios: [(load: [Double], solar: [Double])]

    /// - Parameters:
    ///   - loadError: the relative error of the load's forecast, of all steps at once.
    ///   - normal: draws from the standard normal distribution.
    public init(
        _ site: Site, loadError: Double, solarError: Double, count: Int = 200, normal: () -> Double
    ) {
        self.site = site
        scenarios = (0..<count).map { _ in
            // Half of the error holds for the day, half is each step's own.
            let load = normal()
            let solar = normal()
            let share = 0.5.squareRoot()
            return (
                site.base.map { max(0, $0 * (1 + loadError * share * (load + normal()))) },
                site.solar.map { max(0, $0 * (1 + solarError * share * (solar + normal()))) }
            )
        }
    }

    /// The scenarios of an outage that begins at a step, with the first zones left on; a site without zones keeps all.
    private func outages(at step: Int, hours: Double, zones count: Int) -> [OutageReserve.Scenario] {
        let share = site.zones.isEmpty ? 1 : site.zones.prefix(count).reduce(0) { $0 + $1.share }
        let length = max(1, Int((hours / site.hours).rounded(.up)))
        return scenarios.map { scenario in
            // The day repeats behind its end.
            let steps = (step..<(step + length)).map { $0 % site.stepCount }
            return .init(load: steps.map { share * scenario.load[$0] }, solar: steps.map { scenario.solar[$0] })
        }
    }

    /// What to hold at each step (kWh) against an outage that begins then: the threshold of the reserve over time.
    public func thresholds(
        hazard: Double, lostLoadValue: Double, holdingCost: Double, hours: Double
    ) -> [OutageReserve.Advice] {
        guard let battery = site.battery else { return [] }
        let reserve = OutageReserve(battery, hours: site.hours)
        return (0..<site.stepCount).map { step in
            reserve.advice(
                outages(at: step, hours: hours, zones: site.zones.count), hazard: hazard, lostLoadValue: lostLoadValue,
                holdingCost: holdingCost)
        }
    }

    /// How long a content lasts from a step on, for all zones, then without the last, and so on.
    public func sustain(_ content: Double, at step: Int, atMost hours: Double = 24) -> [Sustain] {
        guard let battery = site.battery else { return [] }
        let reserve = OutageReserve(battery, hours: site.hours)
        let counts = site.zones.isEmpty ? [0] : Array((1...site.zones.count).reversed())
        return counts.compactMap { count in
            let outages = outages(at: step, hours: hours, zones: count)
            return reserve.sustainTime(content, outages).map {
                Sustain(
                    zones: site.zones.isEmpty ? ["all"] : site.zones.prefix(count).map(\.name), p10: $0.p10,
                    p50: $0.p50,
                    p90: $0.p90)
            }
        }
    }
}
