/// Several batteries and vehicles behind one meter, in the words of an evcc optimizer request, which this decodes.
///
/// Unlike a `Site` its steps may differ in length, a battery says what it must charge and when, and the meter has limits
/// that cost instead of hold. Energies are in watt-hours (of a step where they are a series), powers in watts, prices in
/// currency units for each watt-hour. Source: the request of evcc-io/optimizer.
public struct StorageFleet: Hashable, Sendable {
    /// One battery or vehicle.
    public struct Battery: Hashable, Sendable {
        public var capacity: Double
        /// Where its content should stay; outside it may be, at a price.
        public var least: Double
        public var most: Double
        public var start: Double
        /// It charges not at all, or with at least this.
        public var leastChargePower: Double
        public var chargePower: Double
        public var dischargePower: Double
        public var mayChargeFromGrid: Bool
        public var mayDischargeToGrid: Bool
        /// What a watt-hour that is left at the end is worth.
        public var endValue: Double
        /// Higher ones are charged and discharged first.
        public var priority: Double
        /// What it should contain after each step, zero for no wish; empty for none at all.
        public var goals: [Double]
        /// What it should charge in each step; empty for nothing.
        public var demands: [Double]
    }

    /// What the meter can take; nil where there is no limit.
    public struct Grid: Hashable, Sendable {
        public var importPower: Double?
        public var exportPower: Double?
        /// What a watt of the highest import beyond its limit costs; without it the limit is kept as far as it can be.
        public var excessPrice: Double?
    }

    /// What is preferred among schedules that cost the same.
    public enum Charging: String, Hashable, Codable, Sendable {
        case none
        case beforeExport = "charge_before_export"
        case attenuatingDemandPeaks = "attenuate_demand_peaks"
        case attenuatingFeedinPeaks = "attenuate_feedin_peaks"
        case attenuatingGridPeaks = "attenuate_grid_peaks"
    }

    public enum Discharging: String, Hashable, Codable, Sendable {
        case none
        case beforeImport = "discharge_before_import"
    }

    /// The length of each step in hours; T of them.
    public let hours: [Double]
    public let solar: [Double]
    public let demand: [Double]
    public let importPrice: [Double]
    public let exportPrice: [Double]
    public let batteries: [Battery]
    public let grid: Grid
    public let chargeEfficiency: Double
    public let dischargeEfficiency: Double
    public let charging: Charging
    public let discharging: Discharging

    public var stepCount: Int { hours.count }

    /// More than a month of minutes: more is a mistake.
    public static let mostSteps = 50_000

    /// Nil for a sound fleet.
    var flaw: SiteError? {
        let series = [solar, demand, importPrice, exportPrice]
        guard !hours.isEmpty, hours.count <= Self.mostSteps, series.allSatisfy({ $0.count == hours.count }) else {
            return .lengths
        }
        guard series.joined().allSatisfy({ $0.isFinite && abs($0) <= 1e9 }), hours.allSatisfy({ $0 > 0 && $0 <= 744 }),
            (solar + demand).allSatisfy({ $0 >= 0 }),
            [grid.importPower, grid.exportPower, grid.excessPrice].allSatisfy({
                $0.map { $0 >= 0 && $0 <= 1e9 } ?? true
            })
        else { return .numbers }
        guard [chargeEfficiency, dischargeEfficiency].allSatisfy({ $0 > 0 && $0 <= 1 }) else { return .battery }
        for battery in batteries {
            let numbers = [
                battery.capacity, battery.most, battery.least, battery.start, battery.leastChargePower,
                battery.chargePower, battery.dischargePower,
            ]
            guard numbers.allSatisfy({ $0 >= 0 && $0 <= 1e9 }), battery.start <= battery.capacity,
                battery.most <= battery.capacity, abs(battery.endValue) <= 1e6, abs(battery.priority) <= 1e3
            else { return .battery }
            for wishes in [battery.goals, battery.demands] {
                guard wishes.isEmpty || wishes.count == hours.count else { return .lengths }
                guard wishes.allSatisfy({ $0.isFinite && abs($0) <= 1e9 }) else { return .numbers }
            }
        }
        return nil
    }
}

extension StorageFleet: Decodable {
    private enum Key: String, CodingKey {
        case batteries, grid, strategy
        case series = "time_series"
        case chargeEfficiency = "eta_c"
        case dischargeEfficiency = "eta_d"
        case charging = "charging_strategy"
        case discharging = "discharging_strategy"
        case seconds = "dt"
        case solar = "ft"
        case demand = "gt"
        case importPrice = "p_N"
        case exportPrice = "p_E"
    }

    /// Throws `SiteError` for a request that makes no sense, `DecodingError` for one that is not a request.
    public init(from decoder: any Decoder) throws {
        let request = try decoder.container(keyedBy: Key.self)
        let series = try request.nestedContainer(keyedBy: Key.self, forKey: .series)
        hours = try series.decode([Double].self, forKey: .seconds).map { $0 / 3_600 }
        solar = try series.decode([Double].self, forKey: .solar)
        demand = try series.decode([Double].self, forKey: .demand)
        importPrice = try series.decode([Double].self, forKey: .importPrice)
        exportPrice = try series.decode([Double].self, forKey: .exportPrice)
        batteries = try request.decodeIfPresent([Battery].self, forKey: .batteries) ?? []
        grid = try request.decodeIfPresent(Grid.self, forKey: .grid) ?? Grid()
        chargeEfficiency = try request.decodeIfPresent(Double.self, forKey: .chargeEfficiency) ?? 0.95
        dischargeEfficiency = try request.decodeIfPresent(Double.self, forKey: .dischargeEfficiency) ?? 0.95
        if request.contains(.strategy) {
            let strategy = try request.nestedContainer(keyedBy: Key.self, forKey: .strategy)
            charging = try strategy.decodeIfPresent(Charging.self, forKey: .charging) ?? .none
            discharging = try strategy.decodeIfPresent(Discharging.self, forKey: .discharging) ?? .none
        } else {
            charging = .none
            discharging = .none
        }
        if let flaw { throw flaw }
    }
}

extension StorageFleet.Battery: Decodable {
    private enum Key: String, CodingKey {
        case capacity = "s_capacity"
        case most = "s_max"
        case least = "s_min"
        case start = "s_initial"
        case leastChargePower = "c_min"
        case chargePower = "c_max"
        case dischargePower = "d_max"
        case mayChargeFromGrid = "charge_from_grid"
        case mayDischargeToGrid = "discharge_to_grid"
        case endValue = "p_a"
        case priority = "c_priority"
        case goals = "s_goal"
        case demands = "p_demand"
    }

    public init(from decoder: any Decoder) throws {
        let battery = try decoder.container(keyedBy: Key.self)
        most = try battery.decode(Double.self, forKey: .most)
        capacity = try battery.decodeIfPresent(Double.self, forKey: .capacity) ?? most
        least = try battery.decodeIfPresent(Double.self, forKey: .least) ?? 0
        start = try battery.decode(Double.self, forKey: .start)
        leastChargePower = try battery.decodeIfPresent(Double.self, forKey: .leastChargePower) ?? 0
        chargePower = try battery.decode(Double.self, forKey: .chargePower)
        dischargePower = try battery.decodeIfPresent(Double.self, forKey: .dischargePower) ?? 0
        mayChargeFromGrid = try battery.decodeIfPresent(Bool.self, forKey: .mayChargeFromGrid) ?? false
        mayDischargeToGrid = try battery.decodeIfPresent(Bool.self, forKey: .mayDischargeToGrid) ?? false
        endValue = try battery.decodeIfPresent(Double.self, forKey: .endValue) ?? 0
        priority = try battery.decodeIfPresent(Double.self, forKey: .priority) ?? 0
        goals = try battery.decodeIfPresent([Double].self, forKey: .goals) ?? []
        demands = try battery.decodeIfPresent([Double].self, forKey: .demands) ?? []
    }
}

extension StorageFleet.Grid: Decodable {
    private enum CodingKeys: String, CodingKey {
        case importPower = "p_max_imp"
        case exportPower = "p_max_exp"
        case excessPrice = "prc_p_exc_imp"
    }
}
