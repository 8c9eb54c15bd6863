public import MariaDB
public import Measures
public import OpenADR
public import VirtualTopNode

/// Lists for operators over everything that the VTN keeps. They lock nothing.
public struct TopNodeOverview: Sendable {
    public struct VEN: Sendable {
        public let record: VENRecord
        /// The last registration that was granted and is still remembered.
        public let lastRegistration: Instant?
    }

    public struct Event: Sendable {
        public let record: EventRecord
        /// By venID.
        public let participations: [EventParticipation]
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Every admitted VEN, by venID.
    public func vens() async throws -> [VEN] {
        let records = try await MariaDBTopNodeStore(pool).transaction { try await $0.vens() }
        let rows = try await pool.query(
            """
            SELECT certificate, MAX(answered_at) AS answered_at FROM handled_requests
            WHERE message = 'oadrCreatePartyRegistration' AND code = 200 GROUP BY certificate
            """)
        var registrations: [[UInt8]: Instant] = [:]
        for row in rows { registrations[try row.bytes("certificate")] = try row.instant("answered_at") }
        return records.map { VEN(record: $0, lastRegistration: registrations[$0.certificate.bytes]) }
    }

    /// The VENs that are asked for telemetry and can be asked for history, by venID: only there
    /// ``TopNode/requestMissing(of:now:)`` can find anything. Of 100,000 VENs that may be few, and each costs a transaction.
    public func vensWithHistory() async throws -> [VENID] {
        let rows = try await pool.query(
            """
            SELECT DISTINCT ven_id FROM report_requests r
            WHERE state IN ('requested', 'accepted') AND back_duration_seconds > 0 AND granularity_seconds > 0
                AND EXISTS (SELECT 1 FROM report_offers o WHERE o.ven_id = r.ven_id AND o.name = 'HISTORY_USAGE')
            ORDER BY ven_id
            """)
        return try rows.map { VENID(try $0.text("ven_id")) }
    }

    /// At most `limit` events (1 to 1000), the latest start first.
    public func events(limit: Int = 100) async throws -> [Event] {
        let rows = try await pool.query(
            """
            SELECT event_id, modification_number, market_context, start_time, steps, start_after_seconds,
                notification_seconds, ramp_up_seconds, recovery_seconds, priority, response_required, is_test,
                vtn_comment, cancelled_at, created_at, changed_at, change_reason
            FROM events ORDER BY start_time DESC, event_id LIMIT ?
            """, [.count(min(max(limit, 1), 1_000))])
        let records = try rows.map(MariaDBTopNodeTransaction.event)
        return try await MariaDBTopNodeStore(pool).transaction { transaction in
            var events: [Event] = []
            for record in records {
                events.append(
                    Event(record: record, participations: try await transaction.participations(in: record.eventID)))
            }
            return events
        }
    }
}
