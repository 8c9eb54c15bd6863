public import DemandResponse
import MariaDB
public import Measures

extension PlanStore {
    /// A plan of a portfolio with everything that it was made from.
    public struct Record: Hashable, Sendable {
        public let problem: DispatchProblem
        public let plan: DispatchProposal
        public let solver: String
        /// SHA-256 of the portfolio and the settings, and of the plan: 32 bytes each.
        public let inputs: [UInt8]
        public let outcome: [UInt8]
        /// Portfolio, settings and plan as text, from which the plan can be made again.
        public let text: String
        /// The published plan whose event it completes.
        public let follows: PlanID?

        public init(
            problem: DispatchProblem, plan: DispatchProposal, solver: String, inputs: [UInt8], outcome: [UInt8],
            text: String, follows: PlanID? = nil
        ) {
            self.problem = problem
            self.plan = plan
            self.solver = solver
            self.inputs = inputs
            self.outcome = outcome
            self.text = text
            self.follows = follows
        }
    }

    /// Keeps a plan, its intervals and its calls.
    public func save(_ record: Record) async throws -> PlanID {
        let problem = record.problem
        let plan = record.plan
        let targets = plan.totals.filter { $0.target != nil }.map(\.interval)
        let window = problem.window((targets.first ?? 0)..<((targets.last ?? 0) + 1))
        let row: [MariaDBValue] = [
            .instant(problem.decidedAt), .instant(window.start), .instant(window.end),
            .double(problem.deliveryProbability),
            .integer(Int64((plan.cost * 100).rounded())), .integer(Int64((plan.bound * 100).rounded(.down))),
            .text(problem.currency.rawValue), .text(plan.status.rawValue), .double(plan.gap), .text(record.solver),
            .bytes(record.inputs), .bytes(record.outcome), .text(record.text),
            .optional(record.follows) { .integer($0.rawValue) },
        ]
        let sites = Dictionary(problem.resources.map { ($0.name, $0) }) { first, _ in first }
        let intervals: [[MariaDBValue]] = plan.totals.filter { $0.target != nil }.map { total in
            let span = problem.window(total.interval)
            return [
                .instant(span.start), .instant(span.end), .double((total.target ?? 0) * 1_000),
                .double(total.expected * 1_000), .double(total.deviation * 1_000), .double(total.probability ?? 0),
            ]
        }
        let calls: [[MariaDBValue]] = try plan.calls.map { call in
            let span = problem.window(call.run)
            let expected = problem.target.indices.map {
                call.run.contains($0) ? call.expected[$0 - call.first] * 1_000 : 0
            }
            return [
                .text(call.resource.rawValue), .instant(span.start), .instant(span.end), .double(call.share),
                try JSONColumn.value(expected),
                .double(expected.reduce(0, +) * problem.step.hours / (sites[call.resource]?.optIn ?? 1)),
            ]
        }
        return try await pool.transaction { connection in
            let id = try connection.execute(
                """
                INSERT INTO dispatch_plans (decided_at, start_time, end_time, delivery_probability, cost, bound,
                    currency, status, gap, solver, inputs_hash, outcome_hash, record, follows)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, row
            ).lastInsertID
            try connection.executeBatch(
                """
                INSERT INTO dispatch_plan_intervals (plan_id, start_time, end_time, target, expected,
                    standard_deviation, probability)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """, rows: intervals.map { [.integer(id)] + $0 })
            try connection.executeBatch(
                """
                INSERT INTO dispatch_calls (plan_id, resource, start_time, end_time, level, expected, promised)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """, rows: calls.map { [.integer(id)] + $0 })
            return PlanID(rawValue: id)
        }
    }

    /// The text of a kept plan, and the event it was published as; nil when there is no such plan, or when it has no
    /// record (a plan of the demo).
    public func record(_ plan: PlanID) async throws -> (text: String, event: ProgramEventID?)? {
        try await pool.query(
            "SELECT record, event FROM dispatch_plans WHERE plan_id = ? AND record IS NOT NULL",
            [.integer(plan.rawValue)]
        ).first.map { (try $0.text("record"), try $0.optionalText("event").map { ProgramEventID($0) }) }
    }

    /// The plan that stands by itself, and those that complete its event, as far as they are published and not cancelled,
    /// in the order in which they were made; by any of their numbers.
    public func chain(_ plan: PlanID) async throws -> [(plan: PlanID, text: String, event: ProgramEventID)] {
        try await pool.query(
            """
            SELECT p.plan_id, p.record, p.event FROM dispatch_plans p JOIN events e ON e.event_id = p.event
                JOIN (SELECT COALESCE(follows, plan_id) AS first FROM dispatch_plans WHERE plan_id = ?) root
                    ON root.first IN (p.plan_id, p.follows)
            WHERE p.record IS NOT NULL AND e.cancelled_at IS NULL ORDER BY p.plan_id
            """, [.integer(plan.rawValue)]
        ).map {
            (
                PlanID(rawValue: try $0.integer("plan_id")), try $0.text("record"),
                ProgramEventID(try $0.text("event"))
            )
        }
    }

    /// A kept plan in a list.
    public struct Listing: Hashable, Sendable {
        public let plan: PlanID
        public let event: ProgramEventID?
        public let window: TimeWindow
        public let cost: Money
        public let gap: Double?
        public let status: String
        public let calls: Int
        /// The plan that it completes.
        public let follows: PlanID?
    }

    /// At most `limit` plans (1 to 1000), the newest first.
    public func plans(limit: Int) async throws -> [Listing] {
        try await pool.query(
            """
            SELECT plan_id, event, start_time, end_time, cost, currency, gap, status, follows,
                (SELECT COUNT(*) FROM dispatch_calls c WHERE c.plan_id = p.plan_id) AS calls
            FROM dispatch_plans p ORDER BY plan_id DESC LIMIT ?
            """, [.count(min(max(limit, 1), 1_000))]
        ).map { row in
            Listing(
                plan: PlanID(rawValue: try row.integer("plan_id")),
                event: try row.optionalText("event").map { ProgramEventID($0) }, window: try row.window(),
                cost: Money(minorUnits: try row.integer("cost"), currency: try row.word("currency")),
                gap: try row.optionalDouble("gap"), status: try row.text("status"),
                calls: Int(try row.integer("calls")),
                follows: try row.optionalInteger("follows").map { PlanID(rawValue: $0) })
        }
    }
}
