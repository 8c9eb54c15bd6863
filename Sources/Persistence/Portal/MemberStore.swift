public import Accounts
public import DemandResponse
public import MariaDB
public import Measures

/// The people and organizations that a viewer may see and manage (tables `users`, `organizations`).
///
/// Every query carries the viewer: admins of an organization reach its members, the distributor's admins everyone, and
/// others themselves. What is not reached is not there.
public struct MemberStore: Sendable {
    /// A person in a list of people.
    public struct Member: Hashable, Sendable {
        public let identity: PortalIdentity
        public let approval: AccountState.Approval
        public let isConfirmed: Bool
        public let createdAt: Instant
    }

    public struct Organization: Hashable, Sendable {
        public let id: OrganizationID
        public let name: String
        public let approval: AccountState.Approval
        public let isDistributor: Bool
        public let members: Int
        public let meters: Int
        public let createdAt: Instant
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    // MARK: People

    /// By account number. With `waiting`, only those whom somebody has to decide about.
    public func members(
        of organization: OrganizationID? = nil, waiting: Bool = false, seenBy viewer: Viewer,
        _ page: PartRequest<Int64> = PartRequest()
    ) async throws -> Part<Member> {
        let rows = try await pool.query(
            """
            SELECT u.account_id, u.email, u.name, u.org_id, u.is_admin, u.is_operator, u.approval_status,
                u.confirmed_at, u.notify_events, u.version, u.created_at, o.name AS org_name,
                o.approval_status AS org_status, d.org_id AS distributor
            FROM users u LEFT JOIN organizations o ON o.org_id = u.org_id LEFT JOIN distributor d ON d.org_id = u.org_id
            WHERE (? OR u.account_id = ? OR (? AND u.org_id = ?)) AND u.account_id > ? AND (? IS NULL OR u.org_id = ?)
                AND (NOT ? OR u.approval_status = 'pending')
            ORDER BY u.account_id LIMIT ?
            """,
            Self.reach(viewer) + [
                .integer(page.after ?? 0), .optional(organization) { .integer($0.rawValue) },
                .optional(organization) { .integer($0.rawValue) }, .boolean(waiting), .count(page.limit + 1),
            ])
        return Part(try rows.map(Self.member), limit: page.limit)
    }

    /// Nil for someone whom the viewer does not reach.
    public func member(_ account: UserID, seenBy viewer: Viewer) async throws -> Member? {
        try await pool.withConnection { try Self.member(account, viewer, $0) }
    }

    private static func member(
        _ account: UserID, _ viewer: Viewer, _ connection: isolated MariaDBConnection
    ) throws -> Member? {
        try connection.query(
            """
            SELECT u.account_id, u.email, u.name, u.org_id, u.is_admin, u.is_operator, u.approval_status,
                u.confirmed_at, u.notify_events, u.version, u.created_at, o.name AS org_name,
                o.approval_status AS org_status, d.org_id AS distributor
            FROM users u LEFT JOIN organizations o ON o.org_id = u.org_id LEFT JOIN distributor d ON d.org_id = u.org_id
            WHERE (? OR u.account_id = ? OR (? AND u.org_id = ?)) AND u.account_id = ?
            """, reach(viewer) + [.integer(account.rawValue)]
        ).first.map(member)
    }

    /// Whom a viewer reaches: everyone, the own account, the own organization.
    private static func reach(_ viewer: Viewer) -> [MariaDBValue] {
        [
            .boolean(viewer.role == .distributorAdmin), .integer(viewer.account.rawValue),
            .boolean(viewer.role == .organizationAdmin), .optional(viewer.organization) { .integer($0.rawValue) },
        ]
    }

    private static func member(_ row: MariaDBRow) throws -> Member {
        Member(
            identity: try PortalIdentity(row), approval: try row.word("approval_status"),
            isConfirmed: try row.optionalInstant("confirmed_at") != nil, createdAt: try row.instant("created_at"))
    }

    /// Approves, refuses or suspends someone else. False for someone whom the viewer does not reach, and for the viewer.
    ///
    /// Suspension and refusal end all sessions and tokens at once.
    public func decide(
        _ account: UserID, _ approval: AccountState.Approval, mail: OutgoingMail?, by viewer: Viewer, origin: Origin
    ) async throws -> Bool {
        guard viewer.may(.manageMembers), account != viewer.account else { return false }
        return try await pool.transaction { connection in
            guard let known = try Self.member(account, viewer, connection) else { return false }
            guard known.approval != approval else { return true }
            try connection.execute(
                "UPDATE users SET approval_status = ?, version = version + 1 WHERE account_id = ?",
                [.text(approval.rawValue), .integer(account.rawValue)])
            if approval != .approved { try Self.endAccess(of: account, origin.now, connection) }
            try mail?.enqueue(at: origin.now, connection)
            try ChangeNote(
                action: "account.\(approval.rawValue)", subject: "user \(account.rawValue)",
                before: ["approval": known.approval.rawValue], after: ["approval": approval.rawValue]
            ).write(origin, connection)
            return true
        }
    }

    private static func endAccess(
        of account: UserID, _ now: Instant, _ connection: isolated MariaDBConnection
    ) throws {
        let key = MariaDBValue.integer(account.rawValue)
        try connection.execute("DELETE FROM sessions WHERE account_id = ?", [key])
        try connection.execute(
            "UPDATE api_tokens SET revoked_at = ? WHERE account_id = ? AND revoked_at IS NULL", [.instant(now), key])
    }

    /// Makes someone else of one's organization (of any, for the distributor's admin) an admin, an operator (of the
    /// distributor) or neither. False for someone whom the viewer does not reach, for a resident, and for the viewer.
    public func setRole(
        _ account: UserID, isAdmin: Bool, isOperator: Bool, by viewer: Viewer, origin: Origin
    ) async throws -> Bool {
        guard viewer.may(.manageMembers), account != viewer.account else { return false }
        return try await pool.transaction { connection in
            guard let known = try Self.member(account, viewer, connection), known.identity.organization != nil else {
                return false
            }
            let belongs = [Role.analyst, .utilityOperator, .distributorAdmin].contains(known.identity.role)
            try connection.execute(
                "UPDATE users SET is_admin = ?, is_operator = ?, version = version + 1 WHERE account_id = ?",
                [.boolean(isAdmin), .boolean(isOperator && belongs), .integer(account.rawValue)])
            guard let changed = try Self.member(account, viewer, connection) else { return false }
            try ChangeNote(
                action: "account.role", subject: "user \(account.rawValue)",
                before: ["role": known.identity.role.rawValue], after: ["role": changed.identity.role.rawValue]
            ).write(origin, connection)
            return true
        }
    }

    /// Adds a person to an organization and mails the link with which the person chooses a password. Nil when the address
    /// has an account already, or the viewer does not manage the organization.
    public func invite(
        _ email: EmailAddress, name: String, to organization: OrganizationID, token: [UInt8], mail: OutgoingMail,
        by viewer: Viewer, origin: Origin
    ) async throws -> UserID? {
        let manages = viewer.role == .distributorAdmin || viewer.organization == organization
        guard viewer.may(.manageMembers), manages else { return nil }
        return try await keepingRules {
            try await pool.transaction { connection in
                guard try PortalIdentity.find(email: email.text, connection) == nil else { return nil }
                try connection.execute(
                    "INSERT INTO users (email, name, org_id, approval_status, created_at) VALUES (?, ?, ?, 'approved', ?)",
                    [
                        .text(email.text), .text(name), .integer(organization.rawValue), .instant(origin.now),
                    ])
                guard let made = try PortalIdentity.find(email: email.text, connection) else {
                    throw StoredDataError(column: "email")
                }
                try RegistrationStore.insert(
                    token, .invite, made.account, TokenRules.invitation, origin.now, connection)
                try mail.enqueue(at: origin.now, connection)
                try ChangeNote(
                    action: "account.invite", subject: "user \(made.account.rawValue)",
                    after: ["email": email.text, "organization": made.organizationName ?? ""]
                ).write(origin, connection)
                return made.account
            }
        }
    }

    // MARK: One's own account

    /// Nil when the account has changed since `version`.
    public func updateProfile(
        of account: UserID, name: String, notifyEvents: Bool, version: Int64, origin: Origin
    ) async throws -> PortalIdentity? {
        try await pool.transaction { connection in
            guard let known = try PortalIdentity.find(account, connection), known.version == version else { return nil }
            try connection.execute(
                "UPDATE users SET name = ?, notify_events = ?, version = version + 1 WHERE account_id = ? AND version = ?",
                [.text(name), .boolean(notifyEvents), .integer(account.rawValue), .integer(version)])
            try ChangeNote(
                action: "account.profile", subject: "user \(account.rawValue)",
                before: ["name": known.name, "notifyEvents": "\(known.notifyEvents)"],
                after: ["name": name, "notifyEvents": "\(notifyEvents)"]
            ).write(origin, connection)
            return try PortalIdentity.find(account, connection)
        }
    }

    /// Deletes the account with its sessions, tokens and mappings. Refused (false) for the only admin of an organization.
    public func delete(_ account: UserID, origin: Origin) async throws -> Bool {
        try await keepingRules {
            try await pool.transaction { connection in
                guard let known = try PortalIdentity.find(account, connection) else { return false }
                if [.organizationAdmin, .distributorAdmin].contains(known.role) {
                    let others = try connection.query(
                        """
                        SELECT account_id FROM users
                        WHERE org_id = ? AND is_admin AND approval_status = 'approved' AND account_id <> ? FOR UPDATE
                        """,
                        [.optional(known.organization) { .integer($0.rawValue) }, .integer(account.rawValue)])
                    guard !others.isEmpty else { return false }
                }
                try connection.execute("DELETE FROM users WHERE account_id = ?", [.integer(account.rawValue)])
                try ChangeNote(action: "account.delete", subject: "user \(account.rawValue)").write(origin, connection)
                return true
            }
        }
    }

    // MARK: Organizations

    /// By number; those that the viewer belongs to, all of them for the distributor's people.
    public func organizations(
        waiting: Bool = false, seenBy viewer: Viewer, _ page: PartRequest<Int64> = PartRequest()
    ) async throws -> Part<Organization> {
        let rows = try await pool.query(
            """
            SELECT o.org_id, o.name, o.approval_status, o.created_at, e.members, d.org_id AS distributor,
                (SELECT COUNT(*) FROM meter_map a WHERE a.entity_id = o.org_id) AS meters
            FROM organizations o JOIN entities e ON e.entity_id = o.org_id LEFT JOIN distributor d ON d.org_id = o.org_id
            WHERE (? OR o.org_id = ?) AND o.org_id > ? AND (NOT ? OR o.approval_status = 'pending')
            ORDER BY o.org_id LIMIT ?
            """,
            [
                .boolean(viewer.may(.seePortfolio)), .optional(viewer.organization) { .integer($0.rawValue) },
                .integer(page.after ?? 0), .boolean(waiting), .count(page.limit + 1),
            ])
        return Part(try rows.map(Self.organization), limit: page.limit)
    }

    public func organization(_ id: OrganizationID, seenBy viewer: Viewer) async throws -> Organization? {
        try await organizations(seenBy: viewer, PartRequest(after: id.rawValue - 1, limit: 1)).rows
            .first { $0.id == id }
    }

    private static func organization(_ row: MariaDBRow) throws -> Organization {
        Organization(
            id: OrganizationID(try row.integer("org_id")), name: try row.text("name"),
            approval: try row.word("approval_status"), isDistributor: try row.optionalInteger("distributor") != nil,
            members: Int(try row.integer("members")), meters: Int(try row.integer("meters")),
            createdAt: try row.instant("created_at"))
    }

    /// Approves, refuses or suspends an organization other than the distributor, and mails its admins. False when it is
    /// not there.
    public func decide(
        _ organization: OrganizationID, _ approval: AccountState.Approval, by viewer: Viewer, origin: Origin,
        mail: @Sendable (_ recipient: String, _ organization: String) -> OutgoingMail?
    ) async throws -> Bool {
        guard viewer.may(.manageAccounts) else { return false }
        return try await pool.transaction { connection in
            let rows = try connection.query(
                """
                SELECT o.name, o.approval_status FROM organizations o
                WHERE o.org_id = ? AND NOT EXISTS (SELECT 1 FROM distributor d WHERE d.org_id = o.org_id)
                """, [.integer(organization.rawValue)])
            guard let row = rows.first else { return false }
            let before: AccountState.Approval = try row.word("approval_status")
            guard before != approval else { return true }
            try connection.execute(
                "UPDATE organizations SET approval_status = ? WHERE org_id = ?",
                [.text(approval.rawValue), .integer(organization.rawValue)])
            if approval != .approved {
                try connection.execute(
                    "DELETE s FROM sessions s JOIN users u ON u.account_id = s.account_id WHERE u.org_id = ?",
                    [.integer(organization.rawValue)])
            }
            let admins = try connection.query(
                "SELECT email FROM users WHERE org_id = ? AND is_admin", [.integer(organization.rawValue)])
            for admin in admins {
                try mail(try admin.text("email"), try row.text("name"))?.enqueue(at: origin.now, connection)
            }
            try ChangeNote(
                action: "organization.\(approval.rawValue)", subject: "organization \(organization.rawValue)",
                before: ["approval": before.rawValue], after: ["approval": approval.rawValue]
            ).write(origin, connection)
            return true
        }
    }
}
