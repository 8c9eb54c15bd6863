public import DemandResponse
public import MariaDB

/// A person with a login (table `users`).
public struct UserAccount: Hashable, Sendable {
    /// Whether the person may log in (column `approval_status`).
    public enum Approval: String, Hashable, Sendable {
        case pending
        case approved
        case refused
    }

    public let id: UserID
    public let email: String
    /// Nil for a residential user.
    public let organization: OrganizationID?
    public let isAdmin: Bool
    public let approval: Approval
}

/// The distributor, organizations and users (tables `distributor`, `organizations`, `users`).
///
/// A write that a rule of the database refuses throws `RuleViolation`; a name or e-mail that is taken throws a
/// `MariaDBError` whose `isDuplicateKey` is true.
public struct AccountStore: Sendable {
    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    // MARK: Organizations

    /// Makes the organization of this name the distributor, creating both where they are missing. A second one is
    /// refused.
    public func establishDistributor(named name: String) async throws -> OrganizationID {
        try await keepingRules {
            try await pool.transaction { connection in
                if let known = try Self.distributor(connection) {
                    guard try Self.organization(named: name, connection) == known else {
                        throw RuleViolation(.assignDistributorMeters, "another organization is the distributor")
                    }
                    return known
                }
                let id = try Self.organization(named: name, connection) ?? Self.create(name, connection)
                try connection.execute("INSERT INTO distributor (org_id) VALUES (?)", [.integer(id.rawValue)])
                return id
            }
        }
    }

    public func distributor() async throws -> OrganizationID? {
        try await pool.withConnection { try Self.distributor($0) }
    }

    public func createOrganization(named name: String) async throws -> OrganizationID {
        try await keepingRules { try await pool.transaction { try Self.create(name, $0) } }
    }

    public func organization(named name: String) async throws -> OrganizationID? {
        try await pool.withConnection { try Self.organization(named: name, $0) }
    }

    /// By name.
    public func organizations() async throws -> [(id: OrganizationID, name: String)] {
        try await pool.query("SELECT org_id, name FROM organizations ORDER BY name").map { row in
            (OrganizationID(try row.integer("org_id")), try row.text("name"))
        }
    }

    /// Refused while it has users (`link_org_entity_delete`).
    public func delete(_ organization: OrganizationID) async throws {
        try await keepingRules {
            _ = try await pool.execute("DELETE FROM organizations WHERE org_id = ?", [.integer(organization.rawValue)])
        }
    }

    // MARK: Users

    /// The e-mail is kept in lower case. The first user of an organization is its admin (`org_prime_admin`), and a user
    /// without one is approved at once (`approve_residential`).
    public func createUser(email: String, organization: OrganizationID? = nil) async throws -> UserAccount {
        let email = email.lowercased()
        return try await keepingRules {
            try await pool.transaction { connection in
                try connection.execute(
                    "INSERT INTO users (email, org_id) VALUES (?, ?)",
                    [.text(email), .optional(organization) { .integer($0.rawValue) }])
                guard let user = try Self.user(email, connection) else { throw StoredDataError(column: "email") }
                return user
            }
        }
    }

    public func user(email: String) async throws -> UserAccount? {
        try await pool.withConnection { try Self.user(email.lowercased(), $0) }
    }

    /// By e-mail.
    public func users(of organization: OrganizationID) async throws -> [UserAccount] {
        try await pool.query(
            """
            SELECT account_id, email, org_id, is_admin, approval_status FROM users WHERE org_id = ? ORDER BY email
            """, [.integer(organization.rawValue)]
        ).map(Self.user)
    }

    /// Nil takes the user out of its organization.
    public func move(_ user: UserID, to organization: OrganizationID?) async throws {
        try await keepingRules {
            _ = try await pool.execute(
                "UPDATE users SET org_id = ? WHERE account_id = ?",
                [.optional(organization) { .integer($0.rawValue) }, .integer(user.rawValue)])
        }
    }

    public func approve(_ user: UserID, _ approval: UserAccount.Approval) async throws {
        _ = try await pool.execute(
            "UPDATE users SET approval_status = ? WHERE account_id = ?",
            [.text(approval.rawValue), .integer(user.rawValue)])
    }

    public func delete(_ user: UserID) async throws {
        try await keepingRules {
            _ = try await pool.execute("DELETE FROM users WHERE account_id = ?", [.integer(user.rawValue)])
        }
    }

    // MARK: Rows

    private static func distributor(_ connection: isolated MariaDBConnection) throws -> OrganizationID? {
        try connection.query("SELECT org_id FROM distributor WHERE only_row = 1").first
            .map { OrganizationID(try $0.integer("org_id")) }
    }

    private static func organization(
        named name: String, _ connection: isolated MariaDBConnection
    ) throws -> OrganizationID? {
        try connection.query("SELECT org_id FROM organizations WHERE name = ?", [.text(name)]).first
            .map { OrganizationID(try $0.integer("org_id")) }
    }

    private static func create(_ name: String, _ connection: isolated MariaDBConnection) throws -> OrganizationID {
        try connection.execute("INSERT INTO organizations (name) VALUES (?)", [.text(name)])
        guard let id = try organization(named: name, connection) else { throw StoredDataError(column: "name") }
        return id
    }

    private static func user(_ email: String, _ connection: isolated MariaDBConnection) throws -> UserAccount? {
        try connection.query(
            "SELECT account_id, email, org_id, is_admin, approval_status FROM users WHERE email = ?", [.text(email)]
        ).first.map(user)
    }

    private static func user(_ row: MariaDBRow) throws -> UserAccount {
        UserAccount(
            id: UserID(try row.integer("account_id")), email: try row.text("email"),
            organization: try row.optionalInteger("org_id").map(OrganizationID.init),
            isAdmin: try row.boolean("is_admin"), approval: try row.word("approval_status"))
    }
}
