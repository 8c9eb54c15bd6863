public import DemandResponse

/// Who asks, and what that opens. Stores take it and filter in their queries: what a viewer may not see is not there.
public struct Viewer: Hashable, Sendable {
    public let account: UserID
    public let email: String
    /// Nil for a resident.
    public let organization: OrganizationID?
    public let role: Role
    public let access: Access

    /// How the viewer came in.
    public enum Access: Hashable, Sendable {
        /// Logged in with a browser, or with a token that may do everything.
        case full
        /// With a token that may only read.
        case readOnly
    }

    public init(
        account: UserID, email: String, organization: OrganizationID?, role: Role, access: Access = .full
    ) {
        self.account = account
        self.email = email
        self.organization = organization
        self.role = role
        self.access = access
    }

    /// The entity whose meters are the viewer's own: the organization, or the person.
    public var entity: Int64 { organization?.rawValue ?? account.rawValue }

    public func may(_ permission: Permission) -> Bool {
        role.permissions.contains(permission) && (access == .full || !permission.writes)
    }
}
