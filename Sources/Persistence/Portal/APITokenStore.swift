public import Accounts
public import DemandResponse
public import MariaDB
public import Measures

/// What programs log in with (table `api_tokens`): tokens that a person made, and refresh tokens of a login.
public struct APITokenStore: Sendable {
    public struct Listed: Hashable, Sendable {
        public let id: Int64
        public let name: String
        public let isReadOnly: Bool
        public let createdAt: Instant
        public let expiresAt: Instant
        public let usedAt: Instant?
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    // MARK: Personal tokens

    public func create(
        _ digest: [UInt8], named name: String, isReadOnly: Bool, lifetime: TimeSpan, of account: UserID, origin: Origin
    ) async throws -> Int64 {
        try await pool.transaction { connection in
            let id = try connection.execute(
                """
                INSERT INTO api_tokens (token_hash, account_id, kind, name, read_only, created_at, expires_at)
                VALUES (?, ?, 'personal', ?, ?, ?, ?)
                """,
                [
                    .bytes(digest), .integer(account.rawValue), .text(name), .boolean(isReadOnly), .instant(origin.now),
                    .instant(origin.now + min(lifetime, TokenRules.longestPersonalToken)),
                ]
            ).lastInsertID
            try ChangeNote(
                action: "token.create", subject: "token \(id)",
                after: ["name": name, "readOnly": "\(isReadOnly)"]
            ).write(origin, connection)
            return id
        }
    }

    /// Those that still work, the newest first.
    public func tokens(of account: UserID, now: Instant) async throws -> [Listed] {
        try await pool.query(
            """
            SELECT token_id, name, read_only, created_at, expires_at, used_at FROM api_tokens
            WHERE account_id = ? AND kind = 'personal' AND revoked_at IS NULL AND expires_at > ?
            ORDER BY token_id DESC LIMIT 200
            """, [.integer(account.rawValue), .instant(now)]
        ).map { row in
            Listed(
                id: try row.integer("token_id"), name: try row.text("name"), isReadOnly: try row.boolean("read_only"),
                createdAt: try row.instant("created_at"), expiresAt: try row.instant("expires_at"),
                usedAt: try row.optionalInstant("used_at"))
        }
    }

    /// False when the account has no such token.
    public func revoke(_ id: Int64, of account: UserID, origin: Origin) async throws -> Bool {
        try await pool.transaction { connection in
            let result = try connection.execute(
                """
                UPDATE api_tokens SET revoked_at = ?
                WHERE token_id = ? AND account_id = ? AND kind = 'personal' AND revoked_at IS NULL
                """, [.instant(origin.now), .integer(id), .integer(account.rawValue)])
            guard result.affectedRows == 1 else { return false }
            try ChangeNote(action: "token.revoke", subject: "token \(id)").write(origin, connection)
            return true
        }
    }

    /// Who a personal token stands for; nil for one that does not work, and for an account that may not come in.
    public func viewer(_ digest: [UInt8], now: Instant) async throws -> Viewer? {
        try await pool.withConnection { connection in
            let rows = try connection.query(
                """
                SELECT token_id, account_id, read_only, used_at FROM api_tokens
                WHERE token_hash = ? AND kind = 'personal' AND revoked_at IS NULL AND expires_at > ?
                """, [.bytes(digest), .instant(now)])
            guard let row = rows.first else { return nil }
            let account = UserID(try row.integer("account_id"))
            guard let identity = try PortalIdentity.find(account, connection), identity.state == .active else {
                return nil
            }
            if now - (try row.optionalInstant("used_at") ?? Instant(secondsSinceEpoch: 0)) >= SessionRules.touch {
                try connection.execute(
                    "UPDATE api_tokens SET used_at = ? WHERE token_id = ?",
                    [.instant(now), .integer(try row.integer("token_id"))])
            }
            return identity.viewer(try row.boolean("read_only") ? .readOnly : .full)
        }
    }

    /// Of an account that may come in, for a JWT; nil for any other.
    public func viewer(_ account: UserID) async throws -> Viewer? {
        try await pool.withConnection { connection in
            guard let identity = try PortalIdentity.find(account, connection), identity.state == .active else {
                return nil
            }
            return identity.viewer()
        }
    }

    // MARK: Refresh tokens

    /// Begins a chain of refresh tokens.
    public func beginRefresh(_ digest: [UInt8], of account: UserID, origin: Origin) async throws {
        try await pool.transaction { connection in
            let id = try Self.insertRefresh(digest, account, family: nil, origin.now, connection)
            try connection.execute(
                "UPDATE api_tokens SET family = ? WHERE token_id = ?", [.integer(id), .integer(id)])
            try ChangeNote(action: "api.login", subject: "user \(account.rawValue)").write(origin, connection)
        }
    }

    /// Exchanges a refresh token for the next one of its chain. A token that comes a second time was stolen, by the first
    /// or the second who brought it: the whole chain ends, and nil comes back, as for one that does not work.
    public func refresh(_ digest: [UInt8], next: [UInt8], now: Instant) async throws -> PortalIdentity? {
        try await pool.transaction { connection in
            let rows = try connection.query(
                """
                SELECT token_id, account_id, family, used_at, revoked_at, expires_at FROM api_tokens
                WHERE token_hash = ? AND kind = 'refresh' FOR UPDATE
                """, [.bytes(digest)])
            guard let row = rows.first, try row.optionalInstant("revoked_at") == nil,
                try row.instant("expires_at") > now
            else { return nil }
            let family = try row.integer("family")
            guard try row.optionalInstant("used_at") == nil else {
                try connection.execute(
                    "UPDATE api_tokens SET revoked_at = ? WHERE family = ? AND revoked_at IS NULL",
                    [.instant(now), .integer(family)])
                return nil
            }
            let account = UserID(try row.integer("account_id"))
            guard let identity = try PortalIdentity.find(account, connection), identity.state == .active else {
                return nil
            }
            try connection.execute(
                "UPDATE api_tokens SET used_at = ? WHERE token_id = ?",
                [.instant(now), .integer(try row.integer("token_id"))])
            _ = try Self.insertRefresh(next, account, family: family, now, connection)
            return identity
        }
    }

    /// Ends the chain of a refresh token.
    public func endRefresh(_ digest: [UInt8], now: Instant) async throws {
        try await pool.transaction { connection in
            let rows = try connection.query("SELECT family FROM api_tokens WHERE token_hash = ?", [.bytes(digest)])
            guard let family = try rows.first?.optionalInteger("family") else { return }
            try connection.execute(
                "UPDATE api_tokens SET revoked_at = ? WHERE family = ? AND revoked_at IS NULL",
                [.instant(now), .integer(family)])
        }
    }

    private static func insertRefresh(
        _ digest: [UInt8], _ account: UserID, family: Int64?, _ now: Instant, _ connection: isolated MariaDBConnection
    ) throws -> Int64 {
        try connection.execute(
            """
            INSERT INTO api_tokens (token_hash, account_id, kind, family, name, read_only, created_at, expires_at)
            VALUES (?, ?, 'refresh', ?, 'login', FALSE, ?, ?)
            """,
            [
                .bytes(digest), .integer(account.rawValue), .optional(family) { .integer($0) }, .instant(now),
                .instant(now + TokenRules.refreshToken),
            ]
        ).lastInsertID
    }

    // MARK: Keys

    /// The key of this name, the same for every replica; made by `random` where it is missing.
    public func key(named name: String, random: @Sendable (Int) -> [UInt8], now: Instant) async throws -> [UInt8] {
        let fresh = random(32)
        _ = try await pool.execute(
            "INSERT IGNORE INTO portal_keys (name, secret, created_at) VALUES (?, ?, ?)",
            [.text(name), .bytes(fresh), .instant(now)])
        let rows = try await pool.query("SELECT secret FROM portal_keys WHERE name = ?", [.text(name)])
        guard let row = rows.first else { throw StoredDataError(column: "secret") }
        return try row.bytes("secret")
    }
}
