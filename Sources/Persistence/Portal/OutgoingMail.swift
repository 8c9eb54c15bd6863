public import MariaDB
public import Measures

/// A message that waits in the outbox (table `mail_outbox`).
public struct OutgoingMail: Hashable, Sendable {
    public let recipient: String
    public let subject: String
    public let text: String
    public let html: String

    public init(recipient: String, subject: String, text: String, html: String) {
        self.recipient = recipient
        self.subject = subject
        self.text = text
        self.html = html
    }

    /// Written with the change that it tells of; sent after the commit.
    func enqueue(at now: Instant, _ connection: isolated MariaDBConnection) throws {
        try connection.execute(
            """
            INSERT INTO mail_outbox (recipient, subject, text_body, html_body, created_at, due_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                .text(recipient), .text(String(subject.prefix(190))), .text(text), .text(html), .instant(now),
                .instant(now),
            ])
    }
}

/// What the sender of mail takes from the outbox, and what it notes there.
public struct MailOutboxStore: Sendable {
    /// A message with its number.
    public struct Item: Hashable, Sendable {
        public let id: Int64
        public let mail: OutgoingMail
        /// Counted from 1, this one included.
        public let attempt: Int
    }

    /// After so many attempts a message is given up: about two days.
    public static let attempts = 12
    /// For so long nobody else takes a message that somebody is sending.
    private static let lease = TimeSpan.minutes(5)

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Takes at most `limit` messages that are due; another sender does not get them for five minutes.
    public func claim(_ limit: Int, now: Instant) async throws -> [Item] {
        try await pool.transaction(isolation: .readCommitted) { connection in
            let rows = try connection.query(
                """
                SELECT mail_id, recipient, subject, text_body, html_body, attempts FROM mail_outbox
                WHERE due_at <= ? ORDER BY due_at, mail_id LIMIT ? FOR UPDATE
                """, [.instant(now), .count(limit)])
            return try rows.map { row in
                let id = try row.integer("mail_id")
                try connection.execute(
                    "UPDATE mail_outbox SET due_at = ?, attempts = attempts + 1 WHERE mail_id = ?",
                    [.instant(now + Self.lease), .integer(id)])
                return Item(
                    id: id,
                    mail: OutgoingMail(
                        recipient: try row.text("recipient"), subject: try row.text("subject"),
                        text: try row.text("text_body"), html: try row.text("html_body")),
                    attempt: Int(try row.integer("attempts")) + 1)
            }
        }
    }

    /// The bodies go: they carry links.
    public func markSent(_ id: Int64, now: Instant) async throws {
        _ = try await pool.execute(
            """
            UPDATE mail_outbox SET sent_at = ?, due_at = NULL, trouble = '', text_body = '', html_body = ''
            WHERE mail_id = ?
            """, [.instant(now), .integer(id)])
    }

    /// Waits 1, 2, 4 ... minutes, at most six hours; a message that is refused for good, or was tried too often, stays
    /// for people to see.
    public func markFailed(_ item: Item, reason: String, isFinal: Bool, now: Instant) async throws {
        let wait = min(TimeSpan.minutes(1 << Int64(min(item.attempt - 1, 9))), .hours(6))
        let due: MariaDBValue = isFinal || item.attempt >= Self.attempts ? .null : .instant(now + wait)
        _ = try await pool.execute(
            "UPDATE mail_outbox SET due_at = ?, trouble = ? WHERE mail_id = ?",
            [due, .text(String(reason.prefix(190))), .integer(item.id)])
    }
}
