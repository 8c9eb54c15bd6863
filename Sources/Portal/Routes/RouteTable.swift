import HTTPTypes

/// Everything that the portal answers.
enum RouteTable {
    static let all: [Route] = pages + api

    private static let pages: [Route] =
        PublicPages.routes + LoginPages.routes + RegistrationPages.routes + PasswordPages.routes + DashboardPage.routes
        + MeterPages.routes + ReadingPages.routes + ImportPages.routes + EventPages.routes + RewardPages.routes
        + PortfolioPages.routes + AccountPages.routes
        + PeoplePages.routes

    private static let api: [Route] =
        LoginAPI.routes + PeopleAPI.routes + MeterAPI.routes + EditAPI.routes + ImportAPI.routes + EventAPI.routes
        + PortfolioAPI.routes + RecordAPI.routes + StreamAPI.routes + VerbAPI.routes
        + DescriptionAPI.routes

    /// The methods that a path takes; none for a path that is not there.
    static func methods(of path: String) -> [String] {
        let parts = path.split(separator: "/")
        let matching = all.filter { route in
            let pattern = route.path.split(separator: "/")
            return pattern.count == parts.count && zip(pattern, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return Set(matching.map(\.method.rawValue)).sorted()
    }
}
