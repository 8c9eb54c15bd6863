public import DemandResponse
public import MariaDB
public import Measures

/// Answers to creations by the key that the client chose (table `idempotency_keys`).
public struct IdempotencyStore: Sendable {
    public enum State: Hashable, Sendable {
        /// The key is new: go on, then `finish` or `forget`.
        case new
        /// The same request is being worked on.
        case running
        case answered(status: Int, location: String?, body: String)
        /// The key came with another request.
        case other
    }

    /// So long a key is remembered.
    private static let memory = TimeSpan.days(1)
    /// A request that is worked on for longer was lost with its replica.
    private static let patience = TimeSpan.minutes(2)

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    public func begin(_ key: String, of account: UserID, digest: [UInt8], now: Instant) async throws -> State {
        try await pool.transaction { connection in
            try connection.execute(
                """
                DELETE FROM idempotency_keys WHERE account_id = ? AND idempotency_key = ?
                    AND (created_at < ? OR (status IS NULL AND created_at < ?))
                """,
                [
                    .integer(account.rawValue), .text(key), .instant(now - Self.memory), .instant(now - Self.patience),
                ])
            let made = try connection.execute(
                """
                INSERT IGNORE INTO idempotency_keys (account_id, idempotency_key, request_digest, created_at)
                VALUES (?, ?, ?, ?)
                """, [.integer(account.rawValue), .text(key), .bytes(digest), .instant(now)])
            guard made.affectedRows == 0 else { return .new }
            let rows = try connection.query(
                """
                SELECT request_digest, status, location, body FROM idempotency_keys
                WHERE account_id = ? AND idempotency_key = ? FOR UPDATE
                """, [.integer(account.rawValue), .text(key)])
            guard let row = rows.first else { return .running }
            guard try row.bytes("request_digest") == digest else { return .other }
            guard let status = try row.optionalInteger("status") else { return .running }
            return .answered(
                status: Int(status), location: try row.optionalText("location"),
                body: try row.optionalText("body") ?? "")
        }
    }

    public func finish(
        _ key: String, of account: UserID, status: Int, location: String?, body: String
    ) async throws {
        _ = try await pool.execute(
            """
            UPDATE idempotency_keys SET status = ?, location = ?, body = ? WHERE account_id = ? AND idempotency_key = ?
            """,
            [
                .count(status), .optional(location) { .text($0) }, .text(body), .integer(account.rawValue), .text(key),
            ])
    }

    public func forget(_ key: String, of account: UserID) async throws {
        _ = try await pool.execute(
            "DELETE FROM idempotency_keys WHERE account_id = ? AND idempotency_key = ? AND status IS NULL",
            [.integer(account.rawValue), .text(key)])
    }
}
