import HTTPTypes

/// Describes the routes for programs as OpenAPI 3.1 says it.
enum OpenAPIDocument {
    /// - Parameter server: where the API is, without the path.
    static func make(_ routes: [Route], server: String) -> JSONValue {
        var paths: [String: [String: JSONValue]] = [:]
        for route in routes {
            guard let operation = route.operation else { continue }
            paths[route.path, default: [:]][route.method.rawValue.lowercased()] = describe(route, operation)
        }
        var schemas = Dictionary(
            Resources.schemas.map { ($0.name, $0.shape.schema) }, uniquingKeysWith: { one, _ in one })
        schemas["Problem"] = problem
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Curtail", "version": "1",
                "description":
                    "Demand response: meters, events, VENs and rewards. Times are UTC, energy Wh or kWh as named.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": .text(server)]], "paths": .object(paths.mapValues { .object($0) }),
            "components": [
                "schemas": .object(schemas),
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
            ],
        ]
    }

    private static func describe(_ route: Route, _ operation: Operation) -> JSONValue {
        var object: [String: JSONValue] = [
            "summary": .text(route.summary), "tags": [.text(operation.tag)], "operationId": .text(name(route)),
            "parameters": .array(parameters(route, operation)), "responses": responses(route, operation),
            "security": route.access == .anyone ? [] : [["token": []]],
        ]
        if let body = operation.body {
            object["requestBody"] = [
                "required": .boolean(true), "content": ["application/json": ["schema": Shape.object(body).schema]],
            ]
        }
        if let media = operation.media {
            object["requestBody"] = [
                "required": .boolean(true),
                "content": .object([media: ["schema": ["type": "string", "minLength": .integer(1)]]]),
            ]
        }
        return .object(object)
    }

    /// `getMetersMeterSeries`
    private static func name(_ route: Route) -> String {
        let words = route.path.split { !$0.isLetter && !$0.isNumber }.dropFirst(2)
        return route.method.rawValue.lowercased() + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static func parameters(_ route: Route, _ operation: Operation) -> [JSONValue] {
        let inPath = route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part -> JSONValue in
            let name = String(part.dropFirst().dropLast())
            return [
                "name": .text(name), "in": "path", "required": .boolean(true),
                "schema": (textKeys.contains(name) ? Shape.text(1...128) : Shape.integer(1...Int64.max)).schema,
            ]
        }
        let inQuery = operation.query.map { parameter -> JSONValue in
            [
                "name": .text(parameter.name), "in": "query", "description": .text(parameter.about),
                "schema": parameter.shape.schema,
            ]
        }
        var inHeader: [JSONValue] = []
        if operation.isCreation {
            inHeader.append([
                "name": "Idempotency-Key", "in": "header",
                "description": "The same key again gets the first answer, and nothing is made twice.",
                "schema": ["type": "string", "pattern": "^[!-~]{1,190}$"],
            ])
        }
        if operation.isVersioned {
            inHeader.append([
                "name": "If-Match", "in": "header", "required": .boolean(true),
                "description": "The ETag of what you read.",
                "schema": ["type": "string", "pattern": "^\"[0-9]{1,18}\"$"],
            ])
        }
        return inPath + inQuery + inHeader
    }

    /// Things whose keys are words.
    private static let textKeys: Set = ["event", "ven"]

    private static func responses(_ route: Route, _ operation: Operation) -> JSONValue {
        var object: [String: JSONValue] = [:]
        func json(_ about: String, _ schema: JSONValue) -> JSONValue {
            ["description": .text(about), "content": ["application/json": ["schema": schema]]]
        }
        switch operation.answer {
        case .one(let name): object["200"] = json("The \(name).", Shape.named(name).schema)
        case .list(let name):
            let page: Shape = .object([
                .init(name: "data", shape: .list(.named(name), 0...100_000), about: "The rows of this page."),
                .init(name: "next", shape: .orNull(.text), about: "For `after`; null at the end."),
            ])
            object["200"] = json("A page.", page.schema)
        case .created(let name): object["201"] = json("The new \(name).", Shape.named(name).schema)
        case .accepted(let name):
            object["202"] = json("The \(name) that does it.", Shape.named(name).schema)
        case .nothing: object["204"] = ["description": "Done."]
        case .shape(let shape): object["200"] = json("The answer.", shape.schema)
        case .events:
            object["200"] = [
                "description": "Server-sent events.", "content": ["text/event-stream": ["schema": ["type": "string"]]],
            ]
        }
        for status in operation.refusals(of: route) {
            object["\(status.code)"] = [
                "description": .text(status.reasonPhrase.isEmpty ? "Refused." : status.reasonPhrase),
                "content": ["application/problem+json": ["schema": Shape.named("Problem").schema]],
            ]
        }
        return .object(object)
    }

    private static let problem: JSONValue = [
        "type": "object", "required": ["type", "title", "status", "detail"],
        "properties": [
            "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
            "detail": ["type": "string"],
            "errors": ["type": "object", "additionalProperties": ["type": "string"]],
        ],
    ]
}
