/// What a person is to the platform; it follows from where the person belongs.
public enum Role: String, Hashable, Codable, Sendable, CaseIterable {
    /// A customer without an organization, with at most one meter.
    case resident
    /// Belongs to an organization and looks at its meters.
    case organizationMember
    /// Manages the people and meters of an organization.
    case organizationAdmin
    /// Belongs to the distributor and looks at everything, people's accounts aside.
    case analyst
    /// Belongs to the distributor and calls events.
    case utilityOperator
    /// Approves organizations and people, and does what an operator does.
    case distributorAdmin

    /// - Parameters:
    ///   - isAdmin: admin of the organization.
    ///   - isOperator: what a member of the distributor was made.
    public init(belongsToDistributor: Bool, hasOrganization: Bool, isAdmin: Bool, isOperator: Bool) {
        switch (hasOrganization, belongsToDistributor, isAdmin) {
        case (false, _, _): self = .resident
        case (true, true, true): self = .distributorAdmin
        case (true, true, false): self = isOperator ? .utilityOperator : .analyst
        case (true, false, true): self = .organizationAdmin
        case (true, false, false): self = .organizationMember
        }
    }

    /// For people.
    public var title: String {
        switch self {
        case .resident: "Resident"
        case .organizationMember: "Organization member"
        case .organizationAdmin: "Organization admin"
        case .analyst: "Analyst"
        case .utilityOperator: "Utility operator"
        case .distributorAdmin: "Distributor admin"
        }
    }

    public var permissions: Set<Permission> {
        switch self {
        case .resident: [.seeOwn, .editReadings]
        case .organizationMember: [.seeOwn]
        case .organizationAdmin: [.seeOwn, .editReadings, .manageMembers]
        case .analyst: [.seeOwn, .seePortfolio, .seeSystem]
        case .utilityOperator: [.seeOwn, .seePortfolio, .seeSystem, .editReadings, .manageEvents]
        case .distributorAdmin:
            [
                .seeOwn, .seePortfolio, .seeSystem, .editReadings, .manageEvents, .manageMembers, .manageAccounts,
                .manageMeters,
            ]
        }
    }
}

/// One kind of thing that a person may do. Which meters, people or events it may be done to is decided in the query that
/// reads or writes them (`Viewer`).
public enum Permission: String, Hashable, Codable, Sendable, CaseIterable {
    /// The meters, events and rewards of oneself or one's organization.
    case seeOwn
    /// Those of everyone, with VENs and programmes.
    case seePortfolio
    /// Health, jobs and the audit of everything.
    case seeSystem
    /// Correct readings and import files.
    case editReadings
    /// Publish, change and cancel events.
    case manageEvents
    /// Approve, suspend and invite the people of one's organization.
    case manageMembers
    /// Approve organizations and anyone's account.
    case manageAccounts
    /// Make meters and say whose they are.
    case manageMeters

    /// Whether it changes something; a read-only token has none of these.
    public var writes: Bool {
        switch self {
        case .seeOwn, .seePortfolio, .seeSystem: false
        case .editReadings, .manageEvents, .manageMembers, .manageAccounts, .manageMeters: true
        }
    }
}
