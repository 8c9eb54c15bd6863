public import MariaDB
public import Measures

/// Mail about events to the people whose meters are called and who want it (`users.notify_events`).
public struct EventNotices: Sendable {
    /// So many people hear of one event, at most.
    private static let limit = 10_000

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Puts a mail into the outbox for each resident, and each member of an organization, with a meter whose VEN takes part.
    ///
    /// - Parameter make: the mail for an address.
    /// - Returns: how many.
    public func announce(
        _ event: String, now: Instant, make: @Sendable (_ recipient: String) throws -> OutgoingMail
    ) async throws -> Int {
        let people = try await pool.query(
            """
            SELECT DISTINCT u.email FROM event_participations p
                JOIN report_meters r ON r.ven_id = p.ven_id JOIN meter_map a ON a.meter_id = r.meter_id
                JOIN users u ON u.account_id = a.entity_id OR u.org_id = a.entity_id
                LEFT JOIN distributor d ON d.org_id = a.entity_id
            WHERE p.event_id = ? AND p.withdrawn_modification IS NULL AND d.org_id IS NULL AND u.notify_events
                AND u.approval_status = 'approved' AND u.confirmed_at IS NOT NULL
            ORDER BY u.email LIMIT ?
            """, [.text(event), .count(Self.limit)])
        let mails = try people.map { try make(try $0.text("email")) }
        guard !mails.isEmpty else { return 0 }
        try await pool.transaction { connection in
            for mail in mails { try mail.enqueue(at: now, connection) }
        }
        return mails.count
    }
}
