import Accounts
public import DemandResponse
public import MariaDB
public import Measures
public import Redis

/// Logged-in browsers (table `sessions`). Only the SHA-256 of a cookie is kept.
///
/// With a cache, a session and its person are looked up there first. A change of either reaches the copies through the
/// outbox, a fraction of a second after it; the end of a session at once.
public struct SessionStore: Sendable {
    /// How far a login got.
    public enum Stage: String, Hashable, Sendable {
        case full
        /// The password was right; the code of the second factor is missing.
        case secondFactor
    }

    /// A session that is alive, with whose it is.
    public struct Session: Hashable, Sendable {
        public let digest: [UInt8]
        public let identity: PortalIdentity
        public let stage: Stage
        public let seenAt: Instant
    }

    /// A session as its owner sees it in a list.
    public struct Listed: Hashable, Sendable {
        public let digest: [UInt8]
        public let createdAt: Instant
        public let seenAt: Instant
        public let address: String
        public let agent: String
    }

    /// A session that begins.
    public struct Opening: Hashable, Sendable {
        public let digest: [UInt8]
        public let account: UserID
        public let stage: Stage
        public let agent: String

        public init(digest: [UInt8], account: UserID, stage: Stage, agent: String) {
            self.digest = digest
            self.account = account
            self.stage = stage
            self.agent = agent
        }
    }

    private let pool: MariaDBPool
    private let copies: SessionCopies

    public init(_ pool: MariaDBPool, cache: RedisCache? = nil) {
        self.pool = pool
        copies = SessionCopies(pool, cache)
    }

    /// Begins a session; the one that it takes the place of ends (W2: a new id at every rise of privilege).
    public func open(_ opening: Opening, replacing old: [UInt8]?, origin: Origin) async throws {
        let lifetime = opening.stage == .full ? SessionRules.longest : SessionRules.secondFactor
        try await pool.transaction { connection in
            if let old { try connection.execute("DELETE FROM sessions WHERE token_hash = ?", [.bytes(old)]) }
            try connection.execute(
                "DELETE FROM sessions WHERE account_id = ? AND expires_at <= ?",
                [.integer(opening.account.rawValue), .instant(origin.now)])
            try connection.execute(
                """
                INSERT INTO sessions (token_hash, account_id, created_at, expires_at, seen_at, stage, address, agent)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .bytes(opening.digest), .integer(opening.account.rawValue), .instant(origin.now),
                    .instant(origin.now + lifetime), .instant(origin.now), .text(opening.stage.rawValue),
                    .text(String(origin.address.prefix(64))), .text(String(opening.agent.prefix(190))),
                ])
            if opening.stage == .full {
                try ChangeNote(action: "session.begin", subject: "user \(opening.account.rawValue)")
                    .write(origin, connection)
            }
        }
        if let old { await copies.forget(old) }
    }

    /// Nil for a session that is over, and for one whose account may not come in any more.
    public func session(_ digest: [UInt8], now: Instant) async throws -> Session? {
        guard let known = try await copies.session(digest), known.expiresAt > now.secondsSinceEpoch,
            let stage = Stage(rawValue: known.stage)
        else { return nil }
        let seenAt = Instant(secondsSinceEpoch: known.seenAt)
        guard SessionRules.isAlive(createdAt: Instant(secondsSinceEpoch: known.createdAt), seenAt: seenAt, now: now),
            let identity = try await copies.identity(known.account), identity.state == .active
        else { return nil }
        return Session(digest: digest, identity: identity, stage: stage, seenAt: seenAt)
    }

    /// Notes that the session is in use.
    public func touch(_ digest: [UInt8], now: Instant) async throws {
        _ = try await pool.execute(
            "UPDATE sessions SET seen_at = ? WHERE token_hash = ?", [.instant(now), .bytes(digest)])
        await copies.forget(digest)
    }

    public func end(_ digest: [UInt8]) async throws {
        _ = try await pool.execute("DELETE FROM sessions WHERE token_hash = ?", [.bytes(digest)])
        await copies.forget(digest)
    }

    /// False when the account has no such session.
    public func end(_ digest: [UInt8], of account: UserID, origin: Origin) async throws -> Bool {
        let ended = try await pool.transaction { connection in
            let result = try connection.execute(
                "DELETE FROM sessions WHERE token_hash = ? AND account_id = ?",
                [.bytes(digest), .integer(account.rawValue)])
            guard result.affectedRows == 1 else { return false }
            try ChangeNote(action: "session.end", subject: "user \(account.rawValue)").write(origin, connection)
            return true
        }
        if ended { await copies.forget(digest) }
        return ended
    }

    /// The latest first.
    public func sessions(of account: UserID, now: Instant) async throws -> [Listed] {
        try await pool.query(
            """
            SELECT token_hash, created_at, seen_at, address, agent FROM sessions
            WHERE account_id = ? AND expires_at > ? AND stage = 'full' ORDER BY seen_at DESC, created_at DESC LIMIT 100
            """, [.integer(account.rawValue), .instant(now)]
        ).map { row in
            Listed(
                digest: try row.bytes("token_hash"), createdAt: try row.instant("created_at"),
                seenAt: try row.instant("seen_at"), address: try row.text("address"), agent: try row.text("agent"))
        }
    }
}
