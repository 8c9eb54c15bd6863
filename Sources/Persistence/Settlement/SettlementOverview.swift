public import DemandResponse
public import MariaDB
public import Measures

/// How far the events of programmes are settled.
public struct SettlementOverview: Sendable {
    public struct Line: Hashable, Sendable {
        public let event: ProgramEventID
        public let programme: String
        /// Nil while it has no end.
        public let window: TimeWindow?
        /// Meters with a booking, how many of them for good, and how many wait for readings or cannot be counted.
        public let booked: Int
        public let final: Int
        public let waiting: Int
        public let openDisputes: Int
        /// Nil before the first booking.
        public let paid: Money?
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// The latest events of programmes that were neither cancelled nor tests, the latest first.
    public func lines(limit: Int) async throws -> [Line] {
        try await pool.query(
            """
            SELECT e.event_id, e.start_time, e.steps, g.name,
                (SELECT COUNT(DISTINCT t.meter_id) FROM ledger_transactions t WHERE t.event = e.event_id) AS booked,
                (SELECT COUNT(DISTINCT t.meter_id) FROM ledger_transactions t
                    WHERE t.event = e.event_id AND t.state <> 'provisional') AS final,
                (SELECT COUNT(*) FROM settlements s WHERE s.event = e.event_id AND s.state = 'waiting'
                    AND s.revision = (SELECT MAX(l.revision) FROM settlements l
                        WHERE l.event = s.event AND l.meter_id = s.meter_id)) AS waiting,
                (SELECT COUNT(*) FROM settlement_disputes d WHERE d.event = e.event_id AND d.closed_at IS NULL)
                    AS disputes,
                (SELECT SUM(-p.amount) FROM ledger_transactions t
                    JOIN ledger_postings p ON p.transaction_id = t.transaction_id
                    WHERE t.event = e.event_id AND p.account LIKE 'participant/%') AS paid,
                (SELECT MIN(p.currency) FROM ledger_transactions t
                    JOIN ledger_postings p ON p.transaction_id = t.transaction_id
                    WHERE t.event = e.event_id) AS currency
            FROM events e JOIN programs g ON g.market_context = e.market_context
            WHERE e.cancelled_at IS NULL AND NOT e.is_test ORDER BY e.start_time DESC, e.event_id LIMIT ?
            """, [.count(limit)]
        ).map { row in
            let seconds = try row.json("steps", as: [Int64].self).reduce(0, +)
            let currency = try row.optionalWord("currency", as: Currency.self)
            return Line(
                event: ProgramEventID(try row.text("event_id")), programme: try row.text("name"),
                window: seconds > 0
                    ? TimeWindow(start: try row.instant("start_time"), duration: .seconds(seconds)) : nil,
                booked: Int(try row.integer("booked")), final: Int(try row.integer("final")),
                waiting: Int(try row.integer("waiting")), openDisputes: Int(try row.integer("disputes")),
                paid: try currency.map { Money(minorUnits: try row.integer("paid"), currency: $0) })
        }
    }
}
