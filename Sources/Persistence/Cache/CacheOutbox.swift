public import MariaDB
public import Redis

extension CacheNamespace {
    /// The readings of a meter on a day in UTC; key `7/2026-07-01`.
    public static let series = CacheNamespace("series", lifetime: 600)
    /// The meters of an owner with their zones; key: the number of the organization or user.
    public static let connections = CacheNamespace("connections", lifetime: 600)
    /// Sessions of browsers; key: SHA-256 of the cookie, in hexadecimal digits.
    public static let sessions = CacheNamespace("sessions", lifetime: 60)
    /// People with their roles; key: the number of the account.
    public static let identities = CacheNamespace("identities", lifetime: 60)
}

/// What the cache must forget (table `cache_invalidations`).
///
/// A note is written in the transaction of the change, so that it is there exactly when the change is; after the commit a
/// service delivers it to Redis and deletes it. A note may be delivered twice, and none is lost while Redis is away.
public struct CacheOutbox: Sendable {
    /// Notes of one delivery.
    private static let batch: Int64 = 200
    /// Characters of the keys of one note, at most.
    private static let noteLength = 4_000

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Notes in the transaction of `connection` that copies will no longer be true; no key has a space.
    public static func forget(
        _ namespace: CacheNamespace, _ keys: some Collection<String>, _ connection: isolated MariaDBConnection
    ) throws {
        guard !keys.isEmpty else { return }
        try connection.executeBatch(
            "INSERT INTO cache_invalidations (namespace, cache_key) VALUES (?, ?)",
            rows: notes(keys).map { [.text(namespace.name), .text($0)] })
    }

    /// The keys put together to as few texts as the column takes.
    static func notes(_ keys: some Collection<String>) -> [String] {
        var notes: [String] = []
        for key in keys {
            if let last = notes.indices.last, notes[last].utf8.count + 1 + key.utf8.count <= noteLength {
                notes[last] += " " + key
            } else {
                notes.append(key)
            }
        }
        return notes
    }

    /// Delivers the oldest notes; how many copies they named. Throws `RedisError` while Redis does not answer.
    public func deliver(to cache: RedisCache) async throws -> Int {
        let rows = try await pool.query(
            """
            SELECT invalidation_id, namespace, cache_key FROM cache_invalidations ORDER BY invalidation_id LIMIT ?
            """, [.integer(Self.batch)])
        guard !rows.isEmpty else { return 0 }
        let keys = try rows.flatMap { row in
            let namespace = try row.text("namespace")
            return try row.text("cache_key").split(separator: " ").map { (namespace: namespace, key: String($0)) }
        }
        try await cache.invalidate(keys)
        let ids = try rows.map { [MariaDBValue.integer(try $0.integer("invalidation_id"))] }
        try await pool.transaction(isolation: .readCommitted) { connection in
            _ = try connection.executeBatch("DELETE FROM cache_invalidations WHERE invalidation_id = ?", rows: ids)
        }
        return keys.count
    }

    /// How many notes wait, and for how many seconds the oldest one.
    public func backlog() async throws -> (notes: Int, seconds: Int) {
        let rows = try await pool.query(
            """
            SELECT COUNT(*) AS notes, COALESCE(TIMESTAMPDIFF(SECOND, MIN(created_at), UTC_TIMESTAMP()), 0) AS seconds
            FROM cache_invalidations
            """)
        guard let row = rows.first else { return (0, 0) }
        return (Int(try row.integer("notes")), Int(try row.integer("seconds")))
    }
}
