/// Whether an account may come in, in the order in which a person can do something about it.
public enum AccountState: String, Hashable, Codable, Sendable {
    case active
    /// The address is not confirmed yet.
    case unconfirmed
    /// An admin of the organization has to approve the person.
    case waitsForOrganization
    /// The distributor has to approve the organization.
    case organizationWaits
    case refused
    case suspended

    /// What stands in the columns `approval_status` of a user and of an organization.
    public enum Approval: String, Hashable, Codable, Sendable, CaseIterable {
        case pending
        case approved
        case refused
        case suspended
    }

    /// - Parameter organization: nil for a resident.
    public init(isConfirmed: Bool, user: Approval, organization: Approval?) {
        switch (user, organization) {
        case (.refused, _), (_, .refused?): self = .refused
        case (.suspended, _), (_, .suspended?): self = .suspended
        case _ where !isConfirmed: self = .unconfirmed
        case (.pending, _): self = .waitsForOrganization
        case (.approved, .pending?): self = .organizationWaits
        case (.approved, _): self = .active
        }
    }

    /// What a person who knows the right password is told.
    public var explanation: String {
        switch self {
        case .active: "The account is active."
        case .unconfirmed: "Confirm your e-mail address first: open the link that was sent to you."
        case .waitsForOrganization: "An admin of your organization has to approve your account. You will get an e-mail."
        case .organizationWaits: "The distributor has to approve your organization. You will get an e-mail."
        case .refused: "This account was refused. Ask the distributor if you think that this is a mistake."
        case .suspended: "This account is suspended. Ask your admin."
        }
    }
}
