public import Accounts
public import DemandResponse
public import MariaDB
public import Measures

/// What people prove who they are with (tables `logins`, `login_failures`).
public struct LoginStore: Sendable {
    /// What a login is compared with.
    public struct Credentials: Hashable, Sendable {
        public let identity: PortalIdentity
        /// Nil for an account without a password, such as an invited one.
        public let passwordHash: String?
        /// Of the second factor; nil while there is none that counts.
        public let totpSecret: [UInt8]?
        public let totpLastStep: Int64?
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Nil for an address that nobody has.
    public func credentials(email: String) async throws -> Credentials? {
        try await pool.withConnection { connection in
            guard let identity = try PortalIdentity.find(email: email, connection) else {
                // Nobody's name takes as many statements as somebody's (W5).
                _ = try connection.query("SELECT password_hash FROM logins WHERE account_id = ?", [.integer(0)])
                return nil
            }
            return try Self.credentials(identity, connection)
        }
    }

    public func credentials(of account: UserID) async throws -> Credentials? {
        try await pool.withConnection { connection in
            guard let identity = try PortalIdentity.find(account, connection) else { return nil }
            return try Self.credentials(identity, connection)
        }
    }

    private static func credentials(
        _ identity: PortalIdentity, _ connection: isolated MariaDBConnection
    ) throws -> Credentials {
        let row = try connection.query(
            "SELECT password_hash, totp_secret, totp_confirmed_at, totp_last_step FROM logins WHERE account_id = ?",
            [.integer(identity.account.rawValue)]
        ).first
        let isConfirmed = try row?.optionalTimestamp("totp_confirmed_at") != nil
        return Credentials(
            identity: identity, passwordHash: try row?.text("password_hash"),
            totpSecret: isConfirmed ? try row?.optionalBytes("totp_secret") : nil,
            totpLastStep: try row?.optionalInteger("totp_last_step"))
    }

    // MARK: Failures

    /// - Parameter nameHash: SHA-256 of the address that is tried.
    public func throttle(_ nameHash: [UInt8]) async throws -> LoginThrottle? {
        try await pool.query(
            "SELECT failures, last_failure FROM login_failures WHERE name_hash = ?", [.bytes(nameHash)]
        ).first.map {
            LoginThrottle(failures: Int(try $0.integer("failures")), lastFailure: try $0.instant("last_failure"))
        }
    }

    /// Counts a failure, for a name that nobody has as well.
    public func fail(_ nameHash: [UInt8], now: Instant) async throws {
        let forgotten = now - LoginThrottle.memory
        _ = try await pool.execute(
            """
            INSERT INTO login_failures (name_hash, failures, last_failure) VALUES (?, 1, ?)
            ON DUPLICATE KEY UPDATE failures = IF(last_failure > ?, failures + 1, 1), last_failure = VALUES(last_failure)
            """, [.bytes(nameHash), .instant(now), .instant(forgotten)])
    }

    public func forgive(_ nameHash: [UInt8]) async throws {
        _ = try await pool.execute("DELETE FROM login_failures WHERE name_hash = ?", [.bytes(nameHash)])
    }

    // MARK: Changes

    /// A new password ends all sessions, refresh tokens and links of the account, but for the session that is kept.
    public func setPassword(
        _ hash: String, of account: UserID, keeping session: [UInt8]?, origin: Origin
    ) async throws {
        try await pool.transaction { connection in
            try Self.setPassword(hash, of: account, keeping: session, origin: origin, connection)
        }
    }

    static func setPassword(
        _ hash: String, of account: UserID, keeping session: [UInt8]?, origin: Origin,
        _ connection: isolated MariaDBConnection
    ) throws {
        try connection.execute(
            """
            INSERT INTO logins (account_id, password_hash, changed_at) VALUES (?, ?, ?)
            ON DUPLICATE KEY UPDATE password_hash = VALUES(password_hash), changed_at = VALUES(changed_at)
            """, [.integer(account.rawValue), .text(hash), .instant(origin.now)])
        try connection.execute(
            "DELETE FROM sessions WHERE account_id = ? AND token_hash <> ?",
            [.integer(account.rawValue), .bytes(session ?? [])])
        try connection.execute(
            "UPDATE api_tokens SET revoked_at = ? WHERE account_id = ? AND kind = 'refresh' AND revoked_at IS NULL",
            [.instant(origin.now), .integer(account.rawValue)])
        try connection.execute(
            "UPDATE account_tokens SET used_at = ? WHERE account_id = ? AND purpose = 'reset' AND used_at IS NULL",
            [.instant(origin.now), .integer(account.rawValue)])
        try ChangeNote(action: "account.password", subject: "user \(account.rawValue)").write(origin, connection)
    }

    /// The same password under today's cost.
    public func rehash(_ hash: String, of account: UserID) async throws {
        _ = try await pool.execute(
            "UPDATE logins SET password_hash = ? WHERE account_id = ?", [.text(hash), .integer(account.rawValue)])
    }

    /// Keeps a secret that does not count before a code of it was shown.
    public func proposeTOTP(_ secret: [UInt8], of account: UserID) async throws {
        _ = try await pool.execute(
            """
            UPDATE logins SET totp_secret = ?, totp_last_step = NULL WHERE account_id = ? AND totp_confirmed_at IS NULL
            """, [.bytes(secret), .integer(account.rawValue)])
    }

    /// The secret that waits for its first code.
    public func proposedTOTP(of account: UserID) async throws -> [UInt8]? {
        try await pool.query(
            "SELECT totp_secret FROM logins WHERE account_id = ? AND totp_confirmed_at IS NULL",
            [.integer(account.rawValue)]
        ).first?.optionalBytes("totp_secret")
    }

    public func confirmTOTP(of account: UserID, step: Int64, origin: Origin) async throws {
        try await pool.transaction { connection in
            try connection.execute(
                "UPDATE logins SET totp_confirmed_at = ?, totp_last_step = ? WHERE account_id = ?",
                [.instant(origin.now), .integer(step), .integer(account.rawValue)])
            try ChangeNote(action: "account.secondFactor.on", subject: "user \(account.rawValue)")
                .write(origin, connection)
        }
    }

    /// False when the step was used already: of two that bring the same code, one comes in.
    public func useTOTP(of account: UserID, step: Int64) async throws -> Bool {
        try await pool.execute(
            """
            UPDATE logins SET totp_last_step = ? WHERE account_id = ? AND COALESCE(totp_last_step, -1) < ?
            """, [.integer(step), .integer(account.rawValue), .integer(step)]
        ).affectedRows == 1
    }

    public func removeTOTP(of account: UserID, origin: Origin) async throws {
        try await pool.transaction { connection in
            try connection.execute(
                """
                UPDATE logins SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = NULL
                WHERE account_id = ?
                """, [.integer(account.rawValue)])
            try ChangeNote(action: "account.secondFactor.off", subject: "user \(account.rawValue)")
                .write(origin, connection)
        }
    }
}
