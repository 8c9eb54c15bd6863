public import Accounts
import DemandResponse
public import MariaDB
public import Measures

/// Sign-up, confirmation and forgotten passwords: everything that happens before a login (tables `users`, `logins`,
/// `account_tokens`).
public struct RegistrationStore: Sendable {
    /// Someone who signs up.
    public struct Applicant: Hashable, Sendable {
        public let email: EmailAddress
        public let name: String
        /// Nil for a resident. An organization that is not known is founded, and waits for the distributor.
        public let organization: String?
        public let passwordHash: String

        public init(email: EmailAddress, name: String, organization: String?, passwordHash: String) {
            self.email = email
            self.name = name
            self.organization = organization
            self.passwordHash = passwordHash
        }
    }

    /// What a mailed link is for.
    public enum Purpose: String, Hashable, Sendable {
        case confirm
        case reset
        case invite
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Makes the account, or, where the address has one, only sends its owner `known`: the caller cannot tell the two
    /// apart.
    ///
    /// - Parameters:
    ///   - token: digest of the link in `welcome`.
    ///   - welcome: asks to confirm the address.
    ///   - known: says that there is an account already.
    public func register(
        _ applicant: Applicant, token: [UInt8], welcome: OutgoingMail, known: OutgoingMail, origin: Origin
    ) async throws {
        try await keepingRules {
            try await pool.transaction { connection in
                guard try PortalIdentity.find(email: applicant.email.text, connection) == nil else {
                    return try known.enqueue(at: origin.now, connection)
                }
                let organization = try applicant.organization.map { try Self.organization($0, origin, connection) }
                try connection.execute(
                    "INSERT INTO users (email, name, org_id, created_at) VALUES (?, ?, ?, ?)",
                    [
                        .text(applicant.email.text), .text(applicant.name),
                        .optional(organization) { .integer($0.rawValue) }, .instant(origin.now),
                    ])
                guard let made = try PortalIdentity.find(email: applicant.email.text, connection) else {
                    throw StoredDataError(column: "email")
                }
                let key = MariaDBValue.integer(made.account.rawValue)
                // The first one of an organization is its admin (org_prime_admin): nobody else could approve.
                try connection.execute(
                    "UPDATE users SET approval_status = 'approved' WHERE account_id = ? AND is_admin", [key])
                try connection.execute(
                    "INSERT INTO logins (account_id, password_hash, changed_at) VALUES (?, ?, ?)",
                    [key, .text(applicant.passwordHash), .instant(origin.now)])
                try Self.insert(token, .confirm, made.account, TokenRules.confirmation, origin.now, connection)
                try welcome.enqueue(at: origin.now, connection)
                try ChangeNote(
                    action: "account.register", subject: "user \(made.account.rawValue)",
                    after: [
                        "email": made.email, "organization": made.organizationName ?? "", "role": made.role.rawValue,
                    ]
                ).write(origin, connection)
            }
        }
    }

    private static func organization(
        _ name: String, _ origin: Origin, _ connection: isolated MariaDBConnection
    ) throws -> OrganizationID {
        let known = try connection.query("SELECT org_id FROM organizations WHERE name = ?", [.text(name)])
        if let row = known.first { return OrganizationID(try row.integer("org_id")) }
        try connection.execute(
            "INSERT INTO organizations (name, approval_status, created_at) VALUES (?, 'pending', ?)",
            [.text(name), .instant(origin.now)])
        let made = try connection.query("SELECT org_id FROM organizations WHERE name = ?", [.text(name)])
        guard let row = made.first else { throw StoredDataError(column: "name") }
        return OrganizationID(try row.integer("org_id"))
    }

    /// Confirms the address that the link was sent to; nil for a link that is used, too old or unknown.
    public func confirm(_ token: [UInt8], origin: Origin) async throws -> PortalIdentity? {
        try await pool.transaction { connection in
            guard let account = try Self.use(token, .confirm, origin.now, connection) else { return nil }
            try connection.execute(
                """
                UPDATE users SET confirmed_at = COALESCE(confirmed_at, ?), version = version + 1 WHERE account_id = ?
                """, [.instant(origin.now), .integer(account.rawValue)])
            try ChangeNote(action: "account.confirm", subject: "user \(account.rawValue)").write(origin, connection)
            return try PortalIdentity.find(account, connection)
        }
    }

    /// Sends a link to the owner of the address, if there is one; the caller cannot tell.
    public func requestReset(
        _ email: EmailAddress, token: [UInt8], mail: OutgoingMail, origin: Origin
    ) async throws {
        try await pool.transaction { connection in
            guard let identity = try PortalIdentity.find(email: email.text, connection) else { return }
            try Self.insert(token, .reset, identity.account, TokenRules.passwordReset, origin.now, connection)
            try mail.enqueue(at: origin.now, connection)
        }
    }

    /// Whether a link would work, for the page that it opens.
    public func owner(of token: [UInt8], _ purpose: Purpose, now: Instant) async throws -> PortalIdentity? {
        try await pool.withConnection { connection in
            let rows = try connection.query(
                """
                SELECT account_id FROM account_tokens
                WHERE token_hash = ? AND purpose = ? AND used_at IS NULL AND expires_at > ?
                """, [.bytes(token), .text(purpose.rawValue), .instant(now)])
            guard let row = rows.first else { return nil }
            return try PortalIdentity.find(UserID(try row.integer("account_id")), connection)
        }
    }

    /// Sets the password that the link allows to set, once, and ends every session. Who got the mail owns the address.
    /// Nil for a link that is used, too old or unknown.
    public func setPassword(
        _ hash: String, with token: [UInt8], _ purpose: Purpose, origin: Origin
    ) async throws -> PortalIdentity? {
        try await pool.transaction { connection in
            guard let account = try Self.use(token, purpose, origin.now, connection) else { return nil }
            try connection.execute(
                """
                UPDATE users SET confirmed_at = COALESCE(confirmed_at, ?), version = version + 1 WHERE account_id = ?
                """, [.instant(origin.now), .integer(account.rawValue)])
            try LoginStore.setPassword(hash, of: account, keeping: nil, origin: origin, connection)
            return try PortalIdentity.find(account, connection)
        }
    }

    static func insert(
        _ token: [UInt8], _ purpose: Purpose, _ account: UserID, _ lifetime: TimeSpan, _ now: Instant,
        _ connection: isolated MariaDBConnection
    ) throws {
        try connection.execute(
            """
            INSERT INTO account_tokens (token_hash, account_id, purpose, created_at, expires_at) VALUES (?, ?, ?, ?, ?)
            """,
            [
                .bytes(token), .integer(account.rawValue), .text(purpose.rawValue), .instant(now),
                .instant(now + lifetime),
            ])
    }

    /// Uses a link up: of two that bring it at the same time, one gets the account.
    private static func use(
        _ token: [UInt8], _ purpose: Purpose, _ now: Instant, _ connection: isolated MariaDBConnection
    ) throws -> UserID? {
        let used = try connection.execute(
            """
            UPDATE account_tokens SET used_at = ?
            WHERE token_hash = ? AND purpose = ? AND used_at IS NULL AND expires_at > ?
            """, [.instant(now), .bytes(token), .text(purpose.rawValue), .instant(now)])
        guard used.affectedRows == 1 else { return nil }
        return try connection.query("SELECT account_id FROM account_tokens WHERE token_hash = ?", [.bytes(token)])
            .first.map { UserID(try $0.integer("account_id")) }
    }
}
