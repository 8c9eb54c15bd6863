public import DemandResponse
public import MariaDB
public import Measures
public import OpenADR

/// A participant that the optimizer may call: whose load it is, how it is told, and on what terms.
public struct DispatchParticipant: Hashable, Sendable {
    /// What it can shed, at what price, and when it may be called. Money is in currency units, times are in seconds.
    public struct Terms: Hashable, Codable, Sendable {
        public var resourceClass = ResourceClass.nonCritical
        public var signal = DispatchProblem.Signal.delta
        /// The share of the forecast load that can be shed.
        public var share = 0.2
        /// The relative error of what is delivered, beside the forecast's own.
        public var relativeError = 0.1
        /// The probability that it takes part.
        public var optIn = 0.9
        /// Per kWh, per call, per interval.
        public var energyPrice = 0.0
        public var callCost = 0.0
        public var comfort = 0.0
        public var notice: Int64 = 0
        public var minimumDuration: Int64 = 0
        public var maximumDuration: Int64 = 14_400
        /// Between the end of a call and the start of the next.
        public var rest: Int64 = 0
        public var callsPerDay = 1
        public var callsPerSeason = 20
        public var seasonValue = 0.0
        public var firstShare = 1.0
        /// Of what was shed, what comes back in the intervals after a call.
        public var reboundShares: [Double] = []
        public var levels: [Double] = [1]
        /// A site's file as text: what can be shed then comes from its own model, not from `share` and `reboundShares`.
        public var site: String?

        public init() {}
    }

    public let name: ResourceName
    public let ven: VENID
    public let resource: ResourceID?
    public let meter: MeterID
    public let feeder: String?
    public let terms: Terms

    public init(
        name: ResourceName, ven: VENID, resource: ResourceID?, meter: MeterID, feeder: String?, terms: Terms
    ) {
        self.name = name
        self.ven = ven
        self.resource = resource
        self.meter = meter
        self.feeder = feeder
        self.terms = terms
    }
}

/// A feeder and what it can take, kW; nil where there is no limit.
public struct DispatchFeeder: Hashable, Sendable {
    public let name: String
    public let shedLimit: Double?
    public let reboundLimit: Double?

    public init(name: String, shedLimit: Double?, reboundLimit: Double?) {
        self.name = name
        self.shedLimit = shedLimit
        self.reboundLimit = reboundLimit
    }
}

/// Keeps who can be called (tables `dispatch_resources`, `dispatch_feeders`), and what became of their calls.
public struct DispatchResourceStore: Sendable {
    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Enrols a participant, or gives it other terms. The VEN, the meter and the feeder have to be known.
    public func save(_ participant: DispatchParticipant, at now: Instant) async throws {
        let values: [MariaDBValue] = [
            .text(participant.name.rawValue), .text(participant.ven.rawValue),
            .optional(participant.resource) { .text($0.rawValue) }, .meter(participant.meter),
            .optional(participant.feeder) { .text($0) }, try JSONColumn.value(participant.terms), .instant(now),
        ]
        _ = try await pool.execute(
            """
            INSERT INTO dispatch_resources (name, ven_id, resource_id, meter_id, feeder, terms, changed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE ven_id = VALUES(ven_id), resource_id = VALUES(resource_id),
                meter_id = VALUES(meter_id), feeder = VALUES(feeder), terms = VALUES(terms),
                changed_at = VALUES(changed_at)
            """, values)
    }

    /// False when there is none of this name.
    public func remove(_ name: ResourceName) async throws -> Bool {
        try await pool.execute("DELETE FROM dispatch_resources WHERE name = ?", [.text(name.rawValue)]).affectedRows > 0
    }

    /// Every participant, by name.
    public func participants() async throws -> [DispatchParticipant] {
        try await pool.query(
            "SELECT name, ven_id, resource_id, meter_id, feeder, terms FROM dispatch_resources ORDER BY name"
        ).map { row in
            DispatchParticipant(
                name: ResourceName(try row.text("name")), ven: VENID(try row.text("ven_id")),
                resource: try row.optionalText("resource_id").map { ResourceID($0) }, meter: try row.meter(),
                feeder: try row.optionalText("feeder"), terms: try row.json("terms"))
        }
    }

    public func save(_ feeder: DispatchFeeder) async throws {
        _ = try await pool.execute(
            """
            INSERT INTO dispatch_feeders (name, shed_limit, rebound_limit) VALUES (?, ?, ?)
            ON DUPLICATE KEY UPDATE shed_limit = VALUES(shed_limit), rebound_limit = VALUES(rebound_limit)
            """,
            [
                .text(feeder.name), .optional(feeder.shedLimit) { .double($0) },
                .optional(feeder.reboundLimit) { .double($0) },
            ])
    }

    /// Every feeder, by name.
    public func feeders() async throws -> [DispatchFeeder] {
        try await pool.query("SELECT name, shed_limit, rebound_limit FROM dispatch_feeders ORDER BY name").map { row in
            DispatchFeeder(
                name: try row.text("name"), shedLimit: try row.optionalDouble("shed_limit"),
                reboundLimit: try row.optionalDouble("rebound_limit"))
        }
    }

    /// The calls of plans that were published, by resource, in order of time; those of cancelled events left out.
    public func calls(since start: Instant) async throws -> [ResourceName: [TimeWindow]] {
        let rows = try await pool.query(
            """
            SELECT c.resource, c.start_time, c.end_time
            FROM dispatch_calls c JOIN dispatch_plans p ON p.plan_id = c.plan_id JOIN events e ON e.event_id = p.event
            WHERE c.start_time >= ? AND e.cancelled_at IS NULL ORDER BY c.start_time
            """, [.instant(start)])
        var calls: [ResourceName: [TimeWindow]] = [:]
        for row in rows { calls[ResourceName(try row.text("resource")), default: []].append(try row.window()) }
        return calls
    }
}
