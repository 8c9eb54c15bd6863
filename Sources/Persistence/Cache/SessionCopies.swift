import Accounts
import DemandResponse
import FoundationEssentials
import MariaDB
import Measures
import Redis

/// Sessions and who people are, from the cache where there is one: two kinds of copies, so that a change of a person
/// makes one copy untrue and not that of each session.
///
/// What is not there has no copy: guessed cookies fill no memory.
struct SessionCopies {
    /// A session that has not expired, without whose it is.
    struct Session: Codable {
        let account: Int64
        let createdAt: Int64
        let seenAt: Int64
        let expiresAt: Int64
        let stage: String
    }

    private struct Missing: Error {}

    private let pool: MariaDBPool
    private let cache: RedisCache?

    init(_ pool: MariaDBPool, _ cache: RedisCache?) {
        self.pool = pool
        self.cache = cache
    }

    func session(_ digest: [UInt8]) async throws -> Session? {
        try await copy(.sessions, hex(digest)) {
            try await pool.query(
                "SELECT account_id, created_at, seen_at, expires_at, stage FROM sessions WHERE token_hash = ?",
                [.bytes(digest)]
            ).first.map { row in
                Session(
                    account: try row.integer("account_id"),
                    createdAt: try row.instant("created_at").secondsSinceEpoch,
                    seenAt: try row.instant("seen_at").secondsSinceEpoch,
                    expiresAt: try row.instant("expires_at").secondsSinceEpoch, stage: try row.text("stage"))
            }
        }
    }

    func identity(_ account: Int64) async throws -> PortalIdentity? {
        try await copy(.identities, String(account)) {
            try await pool.withConnection { try PortalIdentity.find(UserID(account), $0) }
        }
    }

    /// Right after the change: the note of its transaction says it once more.
    func forget(_ digest: [UInt8]) async {
        try? await cache?.invalidate([(CacheNamespace.sessions.name, hex(digest))])
    }

    /// Without a cache, or for a copy that this program did not write, what `load` says.
    private func copy<Value: Codable>(
        _ namespace: CacheNamespace, _ key: String, load: () async throws -> Value?
    ) async throws -> Value? {
        guard let cache else { return try await load() }
        do {
            let bytes = try await cache.value(namespace, key) {
                guard let value = try await load() else { throw Missing() }
                return try JSONColumn.bytes(value)
            }
            if let value = try? JSONDecoder().decode(Value.self, from: Data(bytes)) { return value }
            return try await load()
        } catch is Missing {
            return nil
        }
    }
}
