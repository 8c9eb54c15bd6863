import Accounts
import HTTPTypes
import Hummingbird
import NIOCore

/// The description of the API, for programs and for people.
enum DescriptionAPI {
    static let routes: [Route] = [
        Route(
            method: .get, path: "/api/openapi.json", audience: .programs, access: .anyone,
            summary: "Description of the API"
        ) { visit in
            try visit.json(OpenAPIDocument.make(RouteTable.all, server: visit.portal.parts.address.url))
        },
        .page(.get, "/api/docs", .anyone, "Description of the API for people") { visit in
            let operations = RouteTable.all.filter { $0.operation != nil }
            let tags = operations.reduce(into: [String]()) { tags, route in
                if let tag = route.operation?.tag, !tags.contains(tag) { tags.append(tag) }
            }
            let groups = tags.map { tag in
                ["tag": tag, "routes": operations.filter { $0.operation?.tag == tag }.map(describe)] as PageData
            }
            let schemas = Resources.schemas.map { name, shape in
                ["name": name, "members": members(shape)] as PageData
            }
            return try visit.portal.page("api-docs", "The API", visit, ["groups": groups, "schemas": schemas])
        },
    ]

    private static func describe(_ route: Route) -> PageData {
        let access: String =
            switch route.access {
            case .anyone: "anyone"
            case .signedIn: "everyone who is logged in"
            case .needs(let permission): "needs \(permission.rawValue)"
            }
        let operation = route.operation
        let answer: String =
            switch operation?.answer {
            case .one(let name)?, .created(let name)?, .accepted(let name)?: name
            case .list(let name)?: "list of \(name)"
            case .shape?: "an object"
            case .events?: "a stream of events"
            case .nothing?, nil: "nothing"
            }
        return [
            "method": route.method.rawValue, "path": route.path, "summary": route.summary, "access": access,
            "answer": answer, "anchor": "\(route.method.rawValue)-\(Links.encode(route.path).replacing("%", with: ""))",
            "query": (operation?.query ?? []).map { ["name": $0.name, "about": $0.about] },
            "hasQuery": !(operation?.query.isEmpty ?? true),
            "body": (operation?.body ?? []).map {
                ["name": $0.name, "about": $0.about, "isRequired": $0.isRequired] as PageData
            },
            "hasBody": operation?.body != nil, "isVersioned": operation?.isVersioned ?? false,
            "isCreation": operation?.isCreation ?? false,
        ]
    }

    private static func members(_ shape: Shape) -> [PageData] {
        guard case .object(let fields) = shape else { return [] }
        return fields.map { ["name": $0.name, "about": $0.about] }
    }
}
