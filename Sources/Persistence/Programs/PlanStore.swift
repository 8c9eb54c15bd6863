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

    public func save(_ plan: DispatchPlan) async throws -> PlanID {
        try await pool.transaction { connection in
            let window = plan.request.window
            let id = try connection.execute(
                """
                INSERT INTO dispatch_plans (decided_at, start_time, end_time, delivery_probability, cost, bound,
                    currency, status)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .instant(plan.request.decidedAt), .instant(window.start), .instant(window.end),
                    .double(plan.request.deliveryProbability), .integer(plan.cost.minorUnits),
                    .optional(plan.bound) { .integer($0.minorUnits) }, .text(plan.cost.currency.rawValue),
                    .text(Self.text(plan.status)),
                ]
            ).lastInsertID
            try Self.insert(plan.totals, id, connection)
            try Self.insert(plan.calls, id, connection)
            return PlanID(rawValue: id)
        }
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

    // MARK: Rows

    private static func insert(
        _ totals: [DispatchTotal], _ plan: Int64, _ connection: isolated MariaDBConnection
    ) throws {
        try connection.executeBatch(
            """
            INSERT INTO dispatch_plan_intervals (plan_id, start_time, end_time, target, expected, standard_deviation,
                probability)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            rows: totals.map { total in
                [
                    .integer(plan), .instant(total.window.start), .instant(total.window.end),
                    .double(total.target.value), .double(total.expected.value),
                    .double(total.standardDeviation.value), .double(total.probability),
                ]
            })
    }

    private static func insert(
        _ calls: [DispatchCall], _ plan: Int64, _ connection: isolated MariaDBConnection
    ) throws {
        try connection.executeBatch(
            """
            INSERT INTO dispatch_calls (plan_id, resource, start_time, end_time, level, expected)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            rows: calls.map { call in
                [
                    .integer(plan), .text(call.resource.rawValue), .instant(call.window.start),
                    .instant(call.window.end), .double(call.level), try JSONColumn.value(call.expected.map(\.value)),
                ]
            })
    }

    private static func text(_ status: DispatchPlan.Status) -> String {
        switch status {
        case .proven: "proven"
        case .withinGap: "within gap"
        case .fallback(let reason): String("fallback: \(reason)".prefix(190))
        }
    }
}
