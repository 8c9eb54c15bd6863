public import Accounts
public import DemandResponse
public import MariaDB
public import Measures

/// What meters earned, as a viewer may see it (tables `ledger_transactions`, `ledger_postings`, `settlements`).
public struct RewardQueries: Sendable {
    /// A booking, with what it was worked out from.
    public struct Reward: Hashable, Sendable {
        /// Place in the ledger.
        public let id: Int64
        public let event: String
        public let eventStart: Instant
        public let meter: MeterID
        public let meterName: String
        public let program: String
        public let formulaVersion: String
        public let revision: Int
        public let state: String
        /// What the participant gets; below zero for a correction that takes back.
        public let amount: Money
        public let recordedAt: Instant
        /// Why the amount is so, as it was booked: baseline rule, days, adjustment, intervals.
        public let audit: LedgerAudit
    }

    let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// The newest first; `after` is the place of the last one of the page before.
    public func rewards(
        event: String? = nil, id: Int64? = nil, seenBy viewer: Viewer, _ page: PartRequest<Int64> = PartRequest()
    ) async throws -> Part<Reward> {
        let rows = try await pool.query(
            """
            SELECT t.transaction_id, t.event, t.meter_id, t.formula_version, t.revision, t.state, t.audit, t.recorded_at,
                m.name AS meter_name, g.name AS program_name, e.start_time, p.currency, SUM(-p.amount) AS amount
            FROM ledger_transactions t
                JOIN ledger_postings p ON p.transaction_id = t.transaction_id AND p.account LIKE 'participant/%'
                JOIN meters m ON m.meter_id = t.meter_id JOIN programs g ON g.program_id = t.program_id
                JOIN events e ON e.event_id = t.event
                JOIN meter_map a ON a.meter_id = t.meter_id AND a.entity_id = ?
            WHERE t.transaction_id < ? AND (? IS NULL OR t.event = ?) AND (? IS NULL OR t.transaction_id = ?)
            GROUP BY t.transaction_id ORDER BY t.transaction_id DESC LIMIT ?
            """,
            [
                .integer(viewer.entity), .integer(page.after ?? .max), .optional(event) { .text($0) },
                .optional(event) { .text($0) }, .optional(id) { .integer($0) }, .optional(id) { .integer($0) },
                .count(page.limit + 1),
            ])
        return Part(try rows.map(Self.reward), limit: page.limit)
    }

    /// What all of the viewer's meters earned since an instant, per currency.
    public func total(since start: Instant, seenBy viewer: Viewer) async throws -> [Money] {
        try await pool.query(
            """
            SELECT p.currency, SUM(-p.amount) AS amount
            FROM ledger_transactions t
                JOIN ledger_postings p ON p.transaction_id = t.transaction_id AND p.account LIKE 'participant/%'
                JOIN meter_map a ON a.meter_id = t.meter_id AND a.entity_id = ?
            WHERE t.recorded_at >= ? GROUP BY p.currency ORDER BY p.currency
            """, [.integer(viewer.entity), .instant(start)]
        ).map { Money(minorUnits: try $0.integer("amount"), currency: try $0.word("currency")) }
    }

    private static func reward(_ row: MariaDBRow) throws -> Reward {
        Reward(
            id: try row.integer("transaction_id"), event: try row.text("event"),
            eventStart: try row.instant("start_time"), meter: try row.meter(), meterName: try row.text("meter_name"),
            program: try row.text("program_name"), formulaVersion: try row.text("formula_version"),
            revision: Int(try row.integer("revision")), state: try row.text("state"),
            amount: Money(minorUnits: try row.integer("amount"), currency: try row.word("currency")),
            recordedAt: try row.instant("recorded_at"), audit: try row.json("audit"))
    }
}

extension RewardQueries {
    /// How often the viewer's VENs were called, how often they took part, and what the readings show that was shed.
    public func performance(
        since start: Instant, seenBy viewer: Viewer
    ) async throws -> (called: Int, optedIn: Int, shed: WattHours) {
        let calls = try await pool.query(
            """
            SELECT COUNT(*) AS called, COALESCE(SUM(p.opt_type = 'optIn'), 0) AS opted_in
            FROM event_participations p JOIN events e ON e.event_id = p.event_id
            WHERE e.start_time >= ? AND e.cancelled_at IS NULL
                AND (? OR EXISTS (SELECT 1 FROM report_meters r JOIN meter_map a ON a.meter_id = r.meter_id
                    WHERE r.ven_id = p.ven_id AND a.entity_id = ?))
            """, [.instant(start), .boolean(viewer.may(.seePortfolio)), .integer(viewer.entity)])
        let shed = try await pool.query(
            """
            SELECT COALESCE(SUM(b.delta_value), 0) AS shed FROM drp_periods d
                JOIN meter_map a ON a.meter_id = d.meter_id AND a.entity_id = ?
                JOIN meter_data b ON b.meter_id = d.meter_id AND b.start_time = d.start_time
            WHERE d.start_time >= ?
            """, [.integer(viewer.entity), .instant(start)])
        guard let call = calls.first, let sum = shed.first else { return (0, 0, .zero) }
        return (
            Int(try call.integer("called")), Int(try call.integer("opted_in")), WattHours(try sum.double("shed"))
        )
    }
}
