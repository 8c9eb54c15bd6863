import DemandResponse
import MariaDB
import Measures
import MeterData

/// The meters that an import may write, by the names in its file.
struct MeterDirectory {
    private let pool: MariaDBPool
    private let order: ImportOrder
    private let plan: ImportPlan
    private var ids: [String: MeterID] = [:]
    private let zones: [String: ZoneRules]
    /// The clock of meters that are created.
    private let newZone: ZoneRules?
    private(set) var used: Set<String> = []
    private(set) var created: Set<String> = []

    init(_ pool: MariaDBPool, _ order: ImportOrder, namesMeters: Bool, plan: ImportPlan) async throws {
        self.pool = pool
        self.order = order
        self.plan = plan
        if !namesMeters, order.meter == nil { throw ImportRefusal.noMeter }
        if case .create(let zone) = order.unknownMeters {
            newZone = try ZoneRules(database: zone)
        } else {
            newZone = nil
        }
        let stated: ZoneRules? = if case .zone(let name) = plan.clock { try ZoneRules(database: name) } else { nil }
        let meters =
            namesMeters
            ? try await MeterStore(pool).meters()
            : try await MeterStore(pool).meter(named: order.meter ?? "").map { [$0] } ?? []
        var rules: [String: ZoneRules] = [:]
        var zones: [String: ZoneRules] = [:]
        for meter in meters where order.allowedMeters?.contains(meter.id) ?? true {
            let zone = meter.description.zone
            if rules[zone] == nil { rules[zone] = try ZoneRules(database: zone) }
            ids[namesMeters ? meter.description.name : ""] = meter.id
            zones[namesMeters ? meter.description.name : ""] = stated ?? rules[zone]
        }
        self.zones = zones
        if !namesMeters, ids.isEmpty, newZone == nil { throw ImportRefusal.unknownMeter(order.meter ?? "") }
    }

    /// For `TableReader`.
    var zoneRules: @Sendable (String) -> ZoneRules? {
        let stated: ZoneRules? = if case .zone(let name) = plan.clock { try? ZoneRules(database: name) } else { nil }
        return { [zones, newZone] name in zones[name] ?? newZone.map { stated ?? $0 } }
    }

    /// The number of a meter, which is created when it may be; zero in a dry run that would create it.
    mutating func meter(_ name: String) async throws -> MeterID {
        let shown = name.isEmpty ? order.meter ?? "" : name
        used.insert(shown)
        if let id = ids[name] { return id }
        guard case .create(let zone) = order.unknownMeters else { throw ImportRefusal.unknownMeter(shown) }
        created.insert(shown)
        guard !order.isDryRun else {
            ids[name] = MeterID(0)
            return MeterID(0)
        }
        let id = try await MeterStore(pool).create(
            MeterDescription(
                name: shown, zone: zone, step: .seconds(min(max(plan.step, 1), 86_400)),
                unit: MeterDescription.Unit(rawValue: plan.unit.rawValue) ?? .kilowattHours),
            by: order.actor)
        ids[name] = id
        return id
    }
}
