public import Accounts
import DemandResponse
public import MariaDB
public import Measures

/// VENs, programmes, rewards and the audit trail as a viewer may see them.
public struct PortfolioQueries: Sendable {
    let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    // MARK: VENs

    public struct VEN: Hashable, Sendable {
        public let id: String
        public let name: String
        /// Where the registration stands, as the column says it.
        public let registration: String
        public let registrationID: String?
        public let transport: String?
        public let pollSeconds: Int
        /// SHA-256 of the certificate.
        public let certificate: [UInt8]
        /// The last answer that it got and that is still remembered.
        public let lastSeen: Instant?
        /// Meters that it reports for, by name.
        public let meters: [String]
        /// Messages that wait for its next poll.
        public let waiting: Int
    }

    /// By venID: all of them for the distributor's people, those that report for one's meters for others.
    public func vens(
        _ id: String? = nil, seenBy viewer: Viewer, _ page: PartRequest<String> = PartRequest()
    ) async throws -> Part<VEN> {
        let rows = try await pool.query(
            """
            SELECT v.ven_id, v.name, v.registration_state, v.registration_id, v.transport, v.poll_seconds, v.certificate,
                (SELECT MAX(h.answered_at) FROM handled_requests h WHERE h.certificate = v.certificate) AS answered_at,
                (SELECT MAX(w.received_at) FROM report_values w WHERE w.ven_id = v.ven_id) AS received_at,
                (SELECT GROUP_CONCAT(m.name ORDER BY m.meter_id SEPARATOR '\n') FROM report_meters r
                    JOIN meters m ON m.meter_id = r.meter_id WHERE r.ven_id = v.ven_id) AS meters,
                (SELECT COUNT(*) FROM outbox x WHERE x.ven_id = v.ven_id) AS waiting
            FROM vens v
            WHERE v.ven_id > ? AND (? IS NULL OR v.ven_id = ?)
                AND (? OR EXISTS (SELECT 1 FROM report_meters r JOIN meter_map a ON a.meter_id = r.meter_id
                    WHERE r.ven_id = v.ven_id AND a.entity_id = ?))
            ORDER BY v.ven_id LIMIT ?
            """,
            [
                .text(page.after ?? ""), .optional(id) { .text($0) }, .optional(id) { .text($0) },
                .boolean(viewer.may(.seePortfolio)), .integer(viewer.entity), .count(page.limit + 1),
            ])
        return Part(try rows.map(Self.ven), limit: page.limit)
    }

    private static func ven(_ row: MariaDBRow) throws -> VEN {
        let seen = [try row.optionalInstant("answered_at"), try row.optionalInstant("received_at")].compactMap { $0 }
        return VEN(
            id: try row.text("ven_id"), name: try row.text("name"), registration: try row.text("registration_state"),
            registrationID: try row.optionalText("registration_id"), transport: try row.optionalText("transport"),
            pollSeconds: Int(try row.integer("poll_seconds")), certificate: try row.bytes("certificate"),
            lastSeen: seen.max(),
            meters: try row.optionalText("meters")?.split(separator: "\n").map(String.init) ?? [],
            waiting: Int(try row.integer("waiting")))
    }

    // MARK: Programmes

    public struct Program: Hashable, Sendable {
        public let id: Int64
        public let name: String
        public let marketContext: String
        /// Versions of the published terms, the latest first.
        public let versions: [String]
        public let currency: String?
    }

    /// Anyone who is logged in may read what programmes there are.
    public func programs(_ page: PartRequest<Int64> = PartRequest()) async throws -> Part<Program> {
        let rows = try await pool.query(
            """
            SELECT p.program_id, p.name, p.market_context, MAX(t.currency) AS currency,
                GROUP_CONCAT(t.version ORDER BY t.valid_from DESC SEPARATOR '\n') AS versions
            FROM programs p LEFT JOIN program_terms t ON t.program_id = p.program_id
            WHERE p.program_id > ? GROUP BY p.program_id ORDER BY p.program_id LIMIT ?
            """, [.integer(page.after ?? 0), .count(page.limit + 1)])
        return Part(
            try rows.map { row in
                Program(
                    id: try row.integer("program_id"), name: try row.text("name"),
                    marketContext: try row.text("market_context"),
                    versions: try row.optionalText("versions")?.split(separator: "\n").map(String.init) ?? [],
                    currency: try row.optionalText("currency"))
            }, limit: page.limit)
    }

    // MARK: Audit

    public struct AuditLine: Hashable, Sendable {
        public let id: Int64
        public let occurredAt: Instant
        public let actor: String
        public let action: String
        public let subject: String
        public let detail: String
        public let address: String
        public let before: String
        public let after: String
    }

    /// The newest first; `after` is the number of the last line of the page before. The distributor's people see
    /// everything, admins of an organization what its people did, others what they did themselves.
    public func audit(
        subject: String? = nil, seenBy viewer: Viewer, _ page: PartRequest<Int64> = PartRequest()
    ) async throws -> Part<AuditLine> {
        let rows = try await pool.query(
            """
            SELECT audit_id, occurred_at, actor, action, subject, detail, address, before_state, after_state FROM audit
            WHERE audit_id < ? AND (? IS NULL OR subject = ?)
                AND (? OR actor = ? OR (? AND actor IN (SELECT email FROM users WHERE org_id = ?)))
            ORDER BY audit_id DESC LIMIT ?
            """,
            [
                .integer(page.after ?? .max), .optional(subject) { .text($0) }, .optional(subject) { .text($0) },
                .boolean(viewer.may(.seeSystem)), .text(viewer.email), .boolean(viewer.may(.manageMembers)),
                .optional(viewer.organization) { .integer($0.rawValue) }, .count(page.limit + 1),
            ])
        return Part(
            try rows.map { row in
                AuditLine(
                    id: try row.integer("audit_id"), occurredAt: try row.instant("occurred_at"),
                    actor: try row.text("actor"), action: try row.text("action"), subject: try row.text("subject"),
                    detail: try row.text("detail"), address: try row.text("address"),
                    before: try row.text("before_state"), after: try row.text("after_state"))
            }, limit: page.limit)
    }

    /// Writes a line for a change that was made by another part of the program, such as an event's.
    public func note(
        _ action: String, on subject: String, detail: String = "", before: [String: String] = [:],
        after: [String: String] = [:], origin: Origin
    ) async throws {
        let entry = ChangeNote(action: action, subject: subject, detail: detail, before: before, after: after)
        try await pool.transaction { try entry.write(origin, $0) }
    }
}
