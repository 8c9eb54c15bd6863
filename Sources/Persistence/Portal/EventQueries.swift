public import Accounts
public import MariaDB
public import Measures
import OpenADR
public import VirtualTopNode

/// The events that a viewer may see: all of them for the distributor's people, those of the VENs that report for one's
/// meters for others.
public struct EventQueries: Sendable {
    /// An event in a list.
    public struct Row: Sendable {
        public let record: EventRecord
        /// How many of the viewer's VENs take part, and what they said.
        public let participants: Int
        public let optedIn: Int
        public let optedOut: Int
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// The key of the last event of a page: the latest start comes first.
    public struct Key: Hashable, Sendable {
        public let start: Instant
        public let event: String

        public init(start: Instant, event: String) {
            self.start = start
            self.event = event
        }
    }

    /// Latest start first; with a window, those that start in it.
    public func events(
        in window: TimeWindow? = nil, seenBy viewer: Viewer, _ page: PartRequest<Key> = PartRequest()
    ) async throws -> Part<Row> {
        let rows = try await pool.query(
            """
            SELECT e.*, COUNT(p.ven_id) AS participants,
                COALESCE(SUM(p.opt_type = 'optIn'), 0) AS opted_in, COALESCE(SUM(p.opt_type = 'optOut'), 0) AS opted_out
            FROM events e LEFT JOIN event_participations p ON p.event_id = e.event_id
                AND (? OR EXISTS (SELECT 1 FROM report_meters r JOIN meter_map a ON a.meter_id = r.meter_id
                    WHERE r.ven_id = p.ven_id AND a.entity_id = ?))
            WHERE (? OR p.ven_id IS NOT NULL) AND (? IS NULL OR (e.start_time, e.event_id) < (?, ?))
                AND (? IS NULL OR (e.start_time >= ? AND e.start_time < ?))
            GROUP BY e.event_id ORDER BY e.start_time DESC, e.event_id DESC LIMIT ?
            """,
            [
                .boolean(viewer.may(.seePortfolio)), .integer(viewer.entity), .boolean(viewer.may(.seePortfolio)),
                .optional(page.after) { .text($0.event) }, .optional(page.after) { .instant($0.start) },
                .optional(page.after) { .text($0.event) }, .optional(window) { .instant($0.start) },
                .optional(window) { .instant($0.start) }, .optional(window) { .instant($0.end) },
                .count(page.limit + 1),
            ])
        return Part(try rows.map(Self.row), limit: page.limit)
    }

    /// Nil for an event that the viewer has no part in.
    public func event(_ id: String, seenBy viewer: Viewer) async throws -> Row? {
        let rows = try await pool.query(
            """
            SELECT e.*, COUNT(p.ven_id) AS participants,
                COALESCE(SUM(p.opt_type = 'optIn'), 0) AS opted_in, COALESCE(SUM(p.opt_type = 'optOut'), 0) AS opted_out
            FROM events e LEFT JOIN event_participations p ON p.event_id = e.event_id
                AND (? OR EXISTS (SELECT 1 FROM report_meters r JOIN meter_map a ON a.meter_id = r.meter_id
                    WHERE r.ven_id = p.ven_id AND a.entity_id = ?))
            WHERE e.event_id = ? AND (? OR p.ven_id IS NOT NULL) GROUP BY e.event_id
            """,
            [
                .boolean(viewer.may(.seePortfolio)), .integer(viewer.entity), .text(id),
                .boolean(viewer.may(.seePortfolio)),
            ])
        return try rows.first.map(Self.row)
    }

    /// The part of each of the viewer's VENs in an event, by venID.
    public func participations(in event: String, seenBy viewer: Viewer) async throws -> [EventParticipation] {
        let visible = try await pool.query(
            """
            SELECT p.ven_id FROM event_participations p WHERE p.event_id = ?
                AND (? OR EXISTS (SELECT 1 FROM report_meters r JOIN meter_map a ON a.meter_id = r.meter_id
                    WHERE r.ven_id = p.ven_id AND a.entity_id = ?))
            """, [.text(event), .boolean(viewer.may(.seePortfolio)), .integer(viewer.entity)]
        ).map { try $0.text("ven_id") }
        let seen = Set(visible)
        return try await MariaDBTopNodeStore(pool).transaction { transaction in
            try await transaction.participations(in: EventID(event)).filter { seen.contains($0.venID.rawValue) }
        }
    }

    private static func row(_ row: MariaDBRow) throws -> Row {
        Row(
            record: try MariaDBTopNodeTransaction.event(row), participants: Int(try row.integer("participants")),
            optedIn: Int(try row.integer("opted_in")), optedOut: Int(try row.integer("opted_out")))
    }
}
