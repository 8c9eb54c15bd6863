public import MariaDB
public import Measures

/// The age of answers that are kept for repeated requests (table `handled_requests`).
public struct HandledRequestStore: Sendable {
    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Forgets at most `limit` answers from before `instant`, and says how many. A request that comes again after that
    /// is a new one.
    public func purge(before instant: Instant, limit: Int) async throws -> Int {
        try await pool.execute(
            "DELETE FROM handled_requests WHERE answered_at < ? LIMIT ?", [.instant(instant), .count(limit)]
        ).affectedRows
    }
}
