/// What a site is: how its load behaves and what it can do without.
public enum SiteKind: String, CaseIterable, Codable, Sendable {
    case office
    case school
    case supermarket
    case coldStore
    case lightIndustry
    case home

    /// As a heading shows it.
    public var title: String {
        switch self {
        case .office: "Office"
        case .school: "School"
        case .supermarket: "Supermarket"
        case .coldStore: "Cold store"
        case .lightIndustry: "Workshop"
        case .home: "Home"
        }
    }
}
