public import Accounts
public import DemandResponse
public import MariaDB
import Measures

/// The distributor, organizations and users (tables `distributor`, `organizations`, `users`).
///
/// A write that a rule of the database refuses throws `RuleViolation`; a name or e-mail that is taken throws a
/// `MariaDBError` whose `isDuplicateKey` is true; what is not there throws `MissingRow`. Every change stands in the audit
/// trail with its actor.
public struct AccountStore: Sendable {
    let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    // MARK: Organizations

    /// Makes the organization of this name the distributor, creating both where they are missing. A second one is
    /// refused.
    public func establishDistributor(named name: String, by actor: Actor = .program) async throws -> OrganizationID {
        try await keepingRules {
            try await pool.transaction { connection in
                if let known = try Self.distributor(connection) {
                    guard try Self.organization(named: name, connection) == known else {
                        throw RuleViolation(.assignDistributorMeters, "another organization is the distributor")
                    }
                    return known
                }
                let id = try Self.organization(named: name, connection) ?? Self.create(name, actor, connection)
                try connection.execute("INSERT INTO distributor (org_id) VALUES (?)", [.integer(id.rawValue)])
                try AuditStore.append(AuditRecord(actor, "distributor.establish", id.subject, detail: name), connection)
                return id
            }
        }
    }

    public func distributor() async throws -> OrganizationID? {
        try await pool.withConnection { try Self.distributor($0) }
    }

    public func createOrganization(named name: String, by actor: Actor = .program) async throws -> OrganizationID {
        try await keepingRules { try await pool.transaction { try Self.create(name, actor, $0) } }
    }

    public func rename(_ organization: OrganizationID, to name: String, by actor: Actor = .program) async throws {
        try await change("organization.rename", organization.subject, name, by: actor) { connection in
            try connection.execute(
                "UPDATE organizations SET name = ? WHERE org_id = ?", [.text(name), .integer(organization.rawValue)])
        }
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
    public func delete(_ organization: OrganizationID, by actor: Actor = .program) async throws {
        try await change("organization.delete", organization.subject, by: actor) { connection in
            try connection.execute("DELETE FROM organizations WHERE org_id = ?", [.integer(organization.rawValue)])
        }
    }

    // MARK: Users

    /// The e-mail is kept in lower case. The first user of an organization is its admin (`org_prime_admin`), and a user
    /// without one is approved at once (`approve_residential`).
    public func createUser(
        email: String, organization: OrganizationID? = nil, by actor: Actor = .program
    ) async throws -> UserAccount {
        let email = email.lowercased()
        return try await keepingRules {
            try await pool.transaction { connection in
                try connection.execute(
                    "INSERT INTO users (email, org_id) VALUES (?, ?)",
                    [.text(email), .optional(organization) { .integer($0.rawValue) }])
                guard let user = try Self.user(email, connection) else { throw StoredDataError(column: "email") }
                try AuditStore.append(AuditRecord(actor, "user.create", user.id.subject, detail: email), connection)
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
            SELECT account_id, email, org_id, is_admin, approval_status, created_at FROM users WHERE org_id = ?
            ORDER BY email
            """, [.integer(organization.rawValue)]
        ).map(Self.user)
    }

    public func user(_ id: UserID) async throws -> UserAccount? {
        try await pool.query(
            """
            SELECT account_id, email, org_id, is_admin, approval_status, created_at FROM users WHERE account_id = ?
            """, [.integer(id.rawValue)]
        ).first.map(Self.user)
    }

    /// Nil takes the user out of its organization.
    public func move(_ user: UserID, to organization: OrganizationID?, by actor: Actor = .program) async throws {
        try await change("user.move", user.subject, organization?.subject ?? "residential", by: actor) { connection in
            try connection.execute(
                "UPDATE users SET org_id = ? WHERE account_id = ?",
                [.optional(organization) { .integer($0.rawValue) }, .integer(user.rawValue)])
        }
    }

    public func approve(
        _ user: UserID, _ approval: UserAccount.Approval, by actor: Actor = .program
    ) async throws {
        try await change("user.\(approval.rawValue)", user.subject, by: actor) { connection in
            try connection.execute(
                "UPDATE users SET approval_status = ? WHERE account_id = ?",
                [.text(approval.rawValue), .integer(user.rawValue)])
        }
    }

    /// Whether the user may manage its organization; a residential user has none to manage.
    public func setAdmin(_ user: UserID, _ isAdmin: Bool, by actor: Actor = .program) async throws {
        try await change(isAdmin ? "user.promote" : "user.demote", user.subject, by: actor) { connection in
            try connection.execute(
                "UPDATE users SET is_admin = ? WHERE account_id = ?", [.boolean(isAdmin), .integer(user.rawValue)])
        }
    }

    public func changeEmail(_ user: UserID, to email: String, by actor: Actor = .program) async throws {
        let email = email.lowercased()
        try await change("user.email", user.subject, email, by: actor) { connection in
            try connection.execute(
                "UPDATE users SET email = ? WHERE account_id = ?", [.text(email), .integer(user.rawValue)])
        }
    }

    /// With its entity, its login and sessions, and its mappings (`link_user_entity_delete`).
    public func delete(_ user: UserID, by actor: Actor = .program) async throws {
        try await change("user.delete", user.subject, by: actor) { connection in
            try connection.execute("DELETE FROM users WHERE account_id = ?", [.integer(user.rawValue)])
        }
    }

    /// One change of one row and its entry in the audit trail. A row that is as it shall be already has no entry.
    private func change(
        _ action: String, _ subject: String, _ detail: String = "", by actor: Actor,
        _ write: @Sendable (isolated MariaDBConnection) throws -> MariaDBResult
    ) async throws {
        try await keepingRules {
            try await pool.transaction { connection in
                guard try write(connection).affectedRows == 0 else {
                    return try AuditStore.append(AuditRecord(actor, action, subject, detail: detail), connection)
                }
                guard try Self.exists(subject, connection) else { throw MissingRow(subject) }
            }
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

    private static func create(
        _ name: String, _ actor: Actor, _ connection: isolated MariaDBConnection
    ) throws -> OrganizationID {
        try connection.execute("INSERT INTO organizations (name) VALUES (?)", [.text(name)])
        guard let id = try organization(named: name, connection) else { throw StoredDataError(column: "name") }
        try AuditStore.append(AuditRecord(actor, "organization.create", id.subject, detail: name), connection)
        return id
    }

    /// Whether there is an entity of that kind and number, such as `user/7`.
    private static func exists(_ subject: String, _ connection: isolated MariaDBConnection) throws -> Bool {
        let parts = subject.split(separator: "/")
        return try !connection.query(
            "SELECT entity_id FROM entities WHERE entity_id = ? AND entity_type = ?",
            [.text(String(parts[1])), .text(String(parts[0]))]
        ).isEmpty
    }

    private static func user(_ email: String, _ connection: isolated MariaDBConnection) throws -> UserAccount? {
        try connection.query(
            "SELECT account_id, email, org_id, is_admin, approval_status, created_at FROM users WHERE email = ?",
            [.text(email)]
        ).first.map(user)
    }

    static func user(_ row: MariaDBRow) throws -> UserAccount {
        UserAccount(
            id: UserID(try row.integer("account_id")), email: try row.text("email"),
            organization: try row.optionalInteger("org_id").map(OrganizationID.init),
            isAdmin: try row.boolean("is_admin"), approval: try row.word("approval_status"),
            createdAt: try row.instant("created_at"))
    }
}
