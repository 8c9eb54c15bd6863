public import DemandResponse
public import MariaDB
public import Measures

/// Keeps dispatch plans, those too that nobody acted on (tables `dispatch_plans`, `dispatch_plan_intervals`,
/// `dispatch_calls`).
public struct PlanStore: Sendable {
    /// The key of a stored plan.
    public struct PlanID: Hashable, Sendable {
        public let rawValue: Int64

        public init(rawValue: Int64) {
            self.rawValue = rawValue
        }
    }

    /// A call of a stored plan.
    public struct StoredCall: Hashable, Sendable {
        public let resource: ResourceName
        public let window: TimeWindow
        /// The share of its capacity that was asked for.
        public let level: Double
        /// The expected reduction in every interval of the plan.
        public let expected: [Watts]
    }

    let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Notes which event the plan was issued as.
    public func link(_ plan: PlanID, to event: ProgramEventID) async throws {
        _ = try await pool.execute(
            "UPDATE dispatch_plans SET event = ? WHERE plan_id = ?", [.text(event.rawValue), .integer(plan.rawValue)])
    }

    /// The calls that an event was issued with, by resource.
    public func calls(of event: ProgramEventID) async throws -> [StoredCall] {
        try await pool.query(
            """
            SELECT c.resource, c.start_time, c.end_time, c.level, c.expected
            FROM dispatch_plans p JOIN dispatch_calls c ON c.plan_id = p.plan_id WHERE p.event = ? ORDER BY c.resource
            """, [.text(event.rawValue)]
        ).map { row in
            StoredCall(
                resource: ResourceName(try row.text("resource")), window: try row.window(),
                level: try row.double("level"),
                expected: try row.json("expected", as: [Double].self).map { Watts($0) })
        }
    }
}
