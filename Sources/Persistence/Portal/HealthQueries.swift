public import MariaDB
public import Measures

/// What the database says about the state of the system.
public struct HealthQueries: Sendable {
    public struct Counts: Hashable, Sendable {
        public let version: String
        public let latestReading: Instant?
        public let waitingMails: Int
        public let failedMails: Int
        public let waitingMessages: Int
        public let vens: Int
        public let registeredVENs: Int
        public let organizations: Int
        public let users: Int
        public let meters: Int
        public let events: Int
        public let bookings: Int
        public let auditLines: Int
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    public func counts(now: Instant) async throws -> Counts {
        let rows = try await pool.query(
            """
            SELECT VERSION() AS version,
                (SELECT MAX(l.end_time) FROM (SELECT (SELECT b.end_time FROM meter_data b WHERE b.meter_id = m.meter_id
                    ORDER BY b.start_time DESC LIMIT 1) AS end_time FROM meters m) l) AS latest,
                (SELECT COUNT(*) FROM mail_outbox WHERE due_at IS NOT NULL) AS waiting_mails,
                (SELECT COUNT(*) FROM mail_outbox WHERE due_at IS NULL AND sent_at IS NULL) AS failed_mails,
                (SELECT COUNT(*) FROM outbox) AS waiting_messages, (SELECT COUNT(*) FROM vens) AS vens,
                (SELECT COUNT(*) FROM vens WHERE registration_state = 'registered') AS registered,
                (SELECT COUNT(*) FROM organizations) AS organizations, (SELECT COUNT(*) FROM users) AS users,
                (SELECT COUNT(*) FROM meters) AS meters, (SELECT COUNT(*) FROM events) AS events,
                (SELECT entries FROM ledger_head) AS bookings, (SELECT COUNT(*) FROM audit) AS audit_lines
            """)
        guard let row = rows.first else { throw StoredDataError(column: "version") }
        func count(_ column: String) throws -> Int { Int(try row.integer(column)) }
        return Counts(
            version: try row.text("version"), latestReading: try row.optionalInstant("latest"),
            waitingMails: try count("waiting_mails"), failedMails: try count("failed_mails"),
            waitingMessages: try count("waiting_messages"), vens: try count("vens"),
            registeredVENs: try count("registered"), organizations: try count("organizations"),
            users: try count("users"), meters: try count("meters"), events: try count("events"),
            bookings: try count("bookings"), auditLines: try count("audit_lines"))
    }
}
