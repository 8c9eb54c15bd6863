/// How much energy to hold against an outage, and how long what is held would last.
///
/// The need of an outage is found by running it, step by step, on each scenario of load and sun: what falls short must
/// have been in the battery, what is left over goes in as far as there is room. How much of that to hold is the
/// newsvendor's question: a kWh too little costs the hazard times the value of lost load, a kWh too much what it could
/// have earned, so the quantile `1 - holding / (hazard * value)` of the need is held, nothing when that is not positive.
public struct OutageReserve: Sendable {
    /// Loads that are to be carried together, and what the sun gives, kW for each step of an outage.
    public struct Scenario: Hashable, Sendable {
        public var load: [Double]
        public var solar: [Double]

        public init(load: [Double], solar: [Double]) {
            self.load = load
            self.solar = solar
        }
    }

    /// What to hold.
    public struct Advice: Hashable, Sendable {
        /// kWh in the battery, its floor counted in.
        public let stored: Double
        /// The share of scenarios that this carries through.
        public let quantile: Double
    }

    private let battery: Site.Battery
    /// The length of a step in hours.
    private let hours: Double

    public init(_ battery: Site.Battery, hours: Double) {
        self.battery = battery
        self.hours = hours
    }

    /// The least content at which an outage over the whole scenario leaves nothing unserved, at most the capacity.
    ///
    /// Backwards: before a step there must have been what it takes and what the rest needs; what a step leaves over
    /// lowers the need, as far as the battery can take it in.
    public func need(_ scenario: Scenario) -> Double {
        var need = battery.floor
        for (load, solar) in zip(scenario.load, scenario.solar).reversed() {
            let net = load - solar
            if net > 0 {
                need += net * hours / battery.dischargeEfficiency
            } else {
                need -= min(-net, battery.chargePower) * hours * battery.chargeEfficiency
            }
            need = min(max(need, battery.floor), battery.capacity)
        }
        return need
    }

    /// - Parameters:
    ///   - hazard: outages per day.
    ///   - lostLoadValue: what a kWh that is not served costs.
    ///   - holdingCost: what a kWh kept idle for a day could have earned.
    public func advice(
        _ scenarios: [Scenario], hazard: Double, lostLoadValue: Double, holdingCost: Double
    ) -> Advice {
        let stake = hazard * lostLoadValue
        guard !scenarios.isEmpty, stake > holdingCost else { return Advice(stored: battery.floor, quantile: 0) }
        let quantile = 1 - holdingCost / stake
        return Advice(stored: Self.quantile(scenarios.map(need), quantile), quantile: quantile)
    }

    /// The advice in a sentence with its numbers.
    public func sentence(_ advice: Advice, hazard: Double, lostLoadValue: Double, holdingCost: Double) -> String {
        let percent = battery.capacity > 0 ? Int((100 * advice.stored / battery.capacity).rounded()) : 0
        guard advice.quantile > 0 else {
            return
                "Hold no more than the floor (\(percent) %): \(hazard) outages a day at \(lostLoadValue) for each kWh "
                + "that is missed do not pay for the \(holdingCost) a day that a kWh kept idle could earn."
        }
        return
            "Set your reserve to \(percent) %: with \(hazard) outages a day and \(lostLoadValue) for each kWh that is "
            + "missed, it is worth to carry \(Int((100 * advice.quantile).rounded())) % of the outages through."
    }

    /// Hours that a content lasts in a scenario, at most the scenario's length.
    public func sustained(_ content: Double, _ scenario: Scenario) -> Double {
        var content = content
        for (step, powers) in zip(scenario.load, scenario.solar).enumerated() {
            let net = powers.0 - powers.1
            if net > battery.dischargePower + 1e-9 { return Double(step) * hours }
            if net > 0 {
                let taken = net * hours / battery.dischargeEfficiency
                let left = content - battery.floor
                if taken > left + 1e-9 { return (Double(step) + max(0, left) / taken) * hours }
                content -= taken
            } else {
                content += min(-net, battery.chargePower) * hours * battery.chargeEfficiency
                content = min(content, battery.capacity)
            }
        }
        return Double(min(scenario.load.count, scenario.solar.count)) * hours
    }

    /// The hours that one, five and nine of ten scenarios last at most; nil without scenarios.
    public func sustainTime(
        _ content: Double, _ scenarios: [Scenario]
    ) -> (p10: Double, p50: Double, p90: Double)? {
        guard !scenarios.isEmpty else { return nil }
        let hours = scenarios.map { sustained(content, $0) }
        return (Self.quantile(hours, 0.1), Self.quantile(hours, 0.5), Self.quantile(hours, 0.9))
    }

    /// The least value that at least the share of the values does not exceed.
    private static func quantile(_ values: [Double], _ share: Double) -> Double {
        let sorted = values.sorted()
        let rank = Int((share * Double(sorted.count)).rounded(.up)) - 1
        return sorted[min(max(rank, 0), sorted.count - 1)]
    }
}
