import MariaDB
import Measures
import OpenADR
import VirtualTopNode

extension MariaDBTopNodeTransaction {
    /// The ENUM's words stand in the order in which they are handed out.
    func outbox(of ven: VENID) async throws -> [OutboxRow] {
        try await connection.query(
            """
            SELECT kind, subject, modification, enqueued_at, send_count, last_sent_at FROM outbox WHERE ven_id = ?
            ORDER BY kind, enqueued_at, subject
            """, [.text(ven.rawValue)]
        ).map { row in
            OutboxRow(
                key: OutboxRow.Key(venID: ven, kind: try row.word("kind"), subject: try row.text("subject")),
                modification: try row.uint32("modification"), enqueuedAt: try row.instant("enqueued_at"),
                sendCount: Int(try row.integer("send_count")), lastSentAt: try row.optionalInstant("last_sent_at"))
        }
    }

    func save(_ row: OutboxRow) async throws { try await save([row]) }

    func save(_ rows: [OutboxRow]) async throws {
        try await connection.executeBatch(
            """
            INSERT INTO outbox (ven_id, kind, subject, modification, enqueued_at, send_count, last_sent_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE modification = VALUES(modification), enqueued_at = VALUES(enqueued_at),
                send_count = VALUES(send_count), last_sent_at = VALUES(last_sent_at)
            """,
            rows: rows.map { row in
                Self.key(row.key) + [
                    .count(row.modification), .instant(row.enqueuedAt), .count(row.sendCount),
                    .optional(row.lastSentAt) { .instant($0) },
                ]
            })
    }

    func remove(_ row: OutboxRow.Key) async throws {
        try await connection.execute(
            "DELETE FROM outbox WHERE ven_id = ? AND kind = ? AND subject = ?", Self.key(row))
    }

    func removeOutbox(of ven: VENID) async throws {
        try await connection.execute("DELETE FROM outbox WHERE ven_id = ?", [.text(ven.rawValue)])
    }

    private static func key(_ key: OutboxRow.Key) -> [MariaDBValue] {
        [.text(key.venID.rawValue), .text(key.kind.rawValue), .text(key.subject)]
    }
}
