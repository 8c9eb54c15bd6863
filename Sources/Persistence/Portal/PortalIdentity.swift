public import Accounts
public import DemandResponse
import MariaDB
import Measures

/// A person as the portal knows one: who it is, where it belongs, and whether it may come in.
public struct PortalIdentity: Hashable, Codable, Sendable {
    public let account: UserID
    public let email: String
    public let name: String
    public let organization: OrganizationID?
    /// Nil for a resident.
    public let organizationName: String?
    public let role: Role
    public let state: AccountState
    public let notifyEvents: Bool
    /// Rises with every change of the account.
    public let version: Int64

    public func viewer(_ access: Viewer.Access = .full) -> Viewer {
        Viewer(account: account, email: email, organization: organization, role: role, access: access)
    }

    /// Of the columns that the queries below name.
    init(_ row: MariaDBRow) throws {
        account = UserID(try row.integer("account_id"))
        email = try row.text("email")
        name = try row.text("name")
        organization = try row.optionalInteger("org_id").map(OrganizationID.init)
        organizationName = try row.optionalText("org_name")
        role = Role(
            belongsToDistributor: try row.optionalInteger("distributor") != nil, hasOrganization: organization != nil,
            isAdmin: try row.boolean("is_admin"), isOperator: try row.boolean("is_operator"))
        state = AccountState(
            isConfirmed: try row.optionalInstant("confirmed_at") != nil, user: try row.word("approval_status"),
            organization: try row.optionalWord("org_status"))
        notifyEvents = try row.boolean("notify_events")
        version = try row.integer("version")
    }

    static func find(email: String, _ connection: isolated MariaDBConnection) throws -> PortalIdentity? {
        try connection.query(
            """
            SELECT u.account_id, u.email, u.name, u.org_id, u.is_admin, u.is_operator, u.approval_status,
                u.confirmed_at, u.notify_events, u.version, o.name AS org_name, o.approval_status AS org_status,
                d.org_id AS distributor
            FROM users u LEFT JOIN organizations o ON o.org_id = u.org_id LEFT JOIN distributor d ON d.org_id = u.org_id
            WHERE u.email = ?
            """, [.text(email)]
        ).first.map(PortalIdentity.init)
    }

    static func find(_ account: UserID, _ connection: isolated MariaDBConnection) throws -> PortalIdentity? {
        try connection.query(
            """
            SELECT u.account_id, u.email, u.name, u.org_id, u.is_admin, u.is_operator, u.approval_status,
                u.confirmed_at, u.notify_events, u.version, o.name AS org_name, o.approval_status AS org_status,
                d.org_id AS distributor
            FROM users u LEFT JOIN organizations o ON o.org_id = u.org_id LEFT JOIN distributor d ON d.org_id = u.org_id
            WHERE u.account_id = ?
            """, [.integer(account.rawValue)]
        ).first.map(PortalIdentity.init)
    }
}
