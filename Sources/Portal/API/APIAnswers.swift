import Accounts
import Crypto
import HTTPTypes
import Hummingbird
import Measures
import NIOCore
import Persistence

extension Visit {
    // MARK: Reading

    /// The body as a JSON object whose members are exactly those of `fields` (W8).
    func input(_ fields: [Shape.Field]) throws -> [String: JSONValue] {
        let type = request.headers[.contentType]?.split(separator: ";").first.map(String.init) ?? ""
        guard type == "application/json" else {
            throw Problem(
                status: .unsupportedMediaType, kind: "media-type", title: "Only JSON",
                detail: "Send application/json.")
        }
        guard case .object(let members)? = JSONValue(body) else {
            throw Problem.badRequest("The body is no JSON object.")
        }
        let errors = Shape.objections(to: members, fields)
        guard errors.isEmpty else {
            throw Problem.badRequest("The body does not fit.", fields: errors)
        }
        return members
    }

    /// The parameters of the query, checked against what the route takes.
    func checkQuery(_ parameters: [Operation.Parameter]) throws {
        var errors: [String: String] = [:]
        let known = Dictionary(parameters.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
        for name in query.names {
            guard let parameter = known[name] else {
                errors[name] = "is not known here"
                continue
            }
            for text in query.all(name) {
                if let objection = parameter.shape.objection(to: Self.value(text, parameter.shape)) {
                    errors[name] = objection
                }
            }
            if query.all(name).count > 1 { errors[name] = "may stand once" }
        }
        guard errors.isEmpty else { throw Problem.badRequest("The query does not fit.", fields: errors) }
    }

    private static func value(_ text: String, _ shape: Shape) -> JSONValue {
        switch shape {
        case .integer: Int64(text).map { .integer($0) } ?? .text(text)
        case .number: Double(text).map { .number($0) } ?? .text(text)
        case .boolean: text == "true" ? .boolean(true) : text == "false" ? .boolean(false) : .text(text)
        default: .text(text)
        }
    }

    var limit: Int { Int(query.text("limit")) ?? 50 }

    /// Where a list by number goes on.
    func cursor() throws -> Int64? {
        guard let text = query.optional("after") else { return nil }
        guard let bytes = Base64URL.decode(text), let number = Int64(String(decoding: bytes, as: UTF8.self)) else {
            throw Problem.badRequest("The cursor is none of ours.", fields: ["after": "take it from `next`"])
        }
        return number
    }

    /// Where a list by text goes on.
    func textCursor() throws -> String? {
        guard let text = query.optional("after") else { return nil }
        guard let bytes = Base64URL.decode(text), let key = String(validating: bytes, as: UTF8.self) else {
            throw Problem.badRequest("The cursor is none of ours.", fields: ["after": "take it from `next`"])
        }
        return key
    }

    // MARK: Writing

    func json(
        _ value: JSONValue, status: HTTPResponse.Status = .ok, location: String? = nil, version: String? = nil
    ) throws -> Response {
        let bytes = try value.encoded()
        var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        if let location { headers[.location] = location }
        if request.method == .get || version != nil {
            let tag = "\"\(version ?? Base64URL.encode(Array(SHA256.hash(data: bytes).prefix(12))))\""
            headers[.eTag] = tag
            if request.method == .get, request.headers[.ifNoneMatch] == tag {
                return Response(status: .notModified, headers: headers)
            }
        }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// A page of a list.
    ///
    /// - Parameter next: the key of the last row, when there are more.
    func list<Row>(_ resource: Resource<Row>, _ rows: [Row], next: String?) throws -> Response {
        let cursor = next.map { Base64URL.encode(Array($0.utf8)) }
        var response = try json([
            "data": .array(rows.map(resource.json)), "next": .optional(cursor) { .text($0) },
        ])
        if let cursor, let link = HTTPField.Name("Link") {
            response.headers[link] = "<\(request.uri.path)?after=\(cursor)&limit=\(limit)>; rel=\"next\""
        }
        return response
    }

    /// The version that a change is based on, as `If-Match` says it.
    func matchedVersion() throws -> Int64 {
        guard let header = request.headers[.ifMatch] else { throw Problem.preconditionRequired }
        guard let version = Int64(header.filter { $0 != "\"" }) else { throw Problem.changedMeanwhile }
        return version
    }

    /// Runs a creation once for each `Idempotency-Key` of an account: the same request again gets the first answer.
    ///
    /// - Parameter create: gives the new thing and where it is found.
    func once(
        status: HTTPResponse.Status = .created, _ create: () async throws -> (value: JSONValue, location: String)
    ) async throws -> Response {
        guard let key = request.header("Idempotency-Key") else {
            let made = try await create()
            return try json(made.value, status: status, location: made.location)
        }
        guard (1...190).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Problem.badRequest("Idempotency-Key takes 1 to 190 printable characters.")
        }
        let digest = Array(
            SHA256.hash(data: Array("\(request.method) \(request.uri)\n".utf8) + body))
        let store = IdempotencyStore(portal.parts.pool)
        let account = try viewer.account
        switch try await store.begin(key, of: account, digest: digest, now: now) {
        case .other:
            throw Problem(
                status: .unprocessableContent, kind: "idempotency", title: "The key is used",
                detail: "This Idempotency-Key came with another request.")
        case .running: throw Problem.conflict("The same request is being worked on.")
        case .answered(let status, let location, let text):
            var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
            headers[.location] = location
            return Response(
                status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        case .new:
            do {
                let made = try await create()
                try await store.finish(
                    key, of: account, status: status.code, location: made.location,
                    body: String(decoding: try made.value.encoded(), as: UTF8.self))
                return try json(made.value, status: status, location: made.location)
            } catch {
                try await store.forget(key, of: account)
                throw error
            }
        }
    }
}
