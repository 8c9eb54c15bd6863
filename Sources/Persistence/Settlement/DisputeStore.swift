public import DemandResponse
public import MariaDB
public import Measures

/// What participants do not agree with (table `settlement_disputes`). While one is open, its meter's reward of the event
/// does not become final.
public struct DisputeStore: Sendable {
    public struct Dispute: Hashable, Sendable {
        public let id: Int64
        public let event: ProgramEventID
        public let meter: MeterID
        public let reason: String
        public let openedAt: Instant
        public let closedAt: Instant?
        public let outcome: String?
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Opens a dispute and returns its number; the event and the meter have to be there.
    public func open(_ event: ProgramEventID, _ meter: MeterID, reason: String, at now: Instant) async throws -> Int64 {
        try await pool.execute(
            "INSERT INTO settlement_disputes (event, meter_id, reason, opened_at) VALUES (?, ?, ?, ?)",
            [.text(event.rawValue), .meter(meter), .text(String(reason.prefix(1_000))), .instant(now)]
        ).lastInsertID
    }

    /// Closes a dispute with what was found; false when it is not open.
    public func close(_ id: Int64, outcome: String, at now: Instant) async throws -> Bool {
        try await pool.execute(
            "UPDATE settlement_disputes SET closed_at = ?, outcome = ? WHERE dispute_id = ? AND closed_at IS NULL",
            [.instant(now), .text(String(outcome.prefix(1_000))), .integer(id)]
        ).affectedRows == 1
    }

    /// The meters with an open dispute of an event.
    public func open(for event: ProgramEventID) async throws -> Set<MeterID> {
        Set(
            try await pool.query(
                "SELECT DISTINCT meter_id FROM settlement_disputes WHERE event = ? AND closed_at IS NULL",
                [.text(event.rawValue)]
            ).map { try $0.meter() })
    }

    /// All of an event, the oldest first.
    public func disputes(of event: ProgramEventID) async throws -> [Dispute] {
        try await pool.query(
            """
            SELECT dispute_id, meter_id, reason, opened_at, closed_at, outcome FROM settlement_disputes
            WHERE event = ? ORDER BY dispute_id
            """, [.text(event.rawValue)]
        ).map { row in
            Dispute(
                id: try row.integer("dispute_id"), event: event, meter: try row.meter(),
                reason: try row.text("reason"), openedAt: try row.instant("opened_at"),
                closedAt: try row.optionalInstant("closed_at"), outcome: try row.optionalText("outcome"))
        }
    }
}
