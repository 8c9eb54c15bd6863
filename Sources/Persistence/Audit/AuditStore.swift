public import MariaDB
public import Measures

/// Who did what to which row (table `audit`). Append-only: the rule `audit_append_only` refuses every change.
///
/// The stores write their own entries in the transaction of the change: an action whose entry cannot be written is not
/// done.
public struct AuditStore: Sendable {
    /// Which entries; what is nil does not matter.
    public struct Filter: Hashable, Sendable {
        public var actor: Actor?
        /// An action such as `meter.map`, or the beginning of some, such as `meter.`.
        public var action: String?
        public var subject: String?
        public var window: TimeWindow?

        public init(
            actor: Actor? = nil, action: String? = nil, subject: String? = nil, window: TimeWindow? = nil
        ) {
            self.actor = actor
            self.action = action
            self.subject = subject
            self.window = window
        }
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Writes an entry of its own.
    public func record(_ record: AuditRecord) async throws {
        _ = try await pool.transaction { try Self.append(record, $0) }
    }

    /// Writes an entry in the transaction of what it tells of.
    public static func append(_ record: AuditRecord, _ connection: isolated MariaDBConnection) throws {
        try connection.execute(
            """
            INSERT INTO audit (occurred_at, actor, action, subject, detail, address, before_state, after_state)
            VALUES (UTC_TIMESTAMP(), ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(record.actor.name), .text(record.action), .text(record.subject), .text(record.detail),
                .text(String(record.address.prefix(64))), try ChangeNote.json(record.before),
                try ChangeNote.json(record.after),
            ])
    }

    /// The entries that match, the latest first.
    public func entries(_ filter: Filter = Filter(), page: PageRequest = PageRequest()) async throws -> Page<AuditEntry>
    {
        let prefix: MariaDBValue = .optional(filter.action) { .text($0) }
        let rows = try await pool.query(
            """
            SELECT audit_id, occurred_at, actor, action, subject, detail FROM audit
            WHERE audit_id < ? AND (? IS NULL OR actor = ?) AND (? IS NULL OR subject = ?)
                AND (? IS NULL OR LEFT(action, CHAR_LENGTH(?)) = ?)
                AND (? IS NULL OR (occurred_at >= ? AND occurred_at < ?))
            ORDER BY audit_id DESC LIMIT ?
            """,
            [
                .integer(page.after.flatMap { Int64($0.text) } ?? .max),
                .optional(filter.actor) { .text($0.name) }, .optional(filter.actor) { .text($0.name) },
                .optional(filter.subject) { .text($0) }, .optional(filter.subject) { .text($0) },
                prefix, prefix, prefix,
                .optional(filter.window) { .instant($0.start) }, .optional(filter.window) { .instant($0.start) },
                .optional(filter.window) { .instant($0.end) }, .count(page.limit + 1),
            ])
        let entries = try rows.map { row in
            AuditEntry(
                id: try row.integer("audit_id"), at: try row.instant("occurred_at"),
                actor: Actor(try row.text("actor")),
                action: try row.text("action"), subject: try row.text("subject"), detail: try row.text("detail"))
        }
        return Page(entries, page) { String($0.id) }
    }
}
