public import Accounts
public import DemandResponse
public import Measures

/// A person with a login (table `users`).
public struct UserAccount: Hashable, Sendable {
    /// Whether the person may log in (column `approval_status`).
    public typealias Approval = AccountState.Approval

    public let id: UserID
    public let email: String
    /// Nil for a residential user.
    public let organization: OrganizationID?
    public let isAdmin: Bool
    public let approval: Approval
    public let createdAt: Instant
}

/// A company with meters, or the distributor (table `organizations`).
public struct Organization: Hashable, Sendable {
    public let id: OrganizationID
    public let name: String
    public let createdAt: Instant
    /// How many users it has.
    public let members: Int
}

extension UserID {
    /// How the audit trail names it.
    var subject: String { "user/\(rawValue)" }
}

extension OrganizationID {
    /// How the audit trail names it.
    var subject: String { "organization/\(rawValue)" }
}
