import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import Portal

/// What came back.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String

    var json: JSONValue? { JSONValue(Array(text.utf8)) }
    var location: String { headers[.location] ?? "" }

    subscript(_ path: String...) -> JSONValue? {
        path.reduce(json) { value, key in
            guard case .object(let members)? = value else { return nil }
            return members[key]
        }
    }
}

/// Sends requests as a browser or a program does: keeps cookies, and takes the token of forms from the last page.
final class Browser: Sendable {
    private struct State {
        var cookies: [String: String] = [:]
        var token = ""
    }

    private let place: Place
    private let state = Mutex(State())
    private let responder: RouterResponder<PortalContext>

    init(_ place: Place) {
        self.place = place
        responder = PortalServer.router(place.portal).buildResponder()
    }

    func cookie(_ name: String) -> String? { state.withLock { $0.cookies[name] } }
    func set(cookie name: String, to value: String?) { state.withLock { $0.cookies[name] = value } }
    var token: String { state.withLock { $0.token } }

    func login(_ email: String, password: String = Place.password) async throws {
        _ = try await get("/login")
        let answer = try await post("/login", ["email": email, "password": password])
        #expect(answer.status == 303, "\(answer.text.prefix(2_000))")
        _ = try await get("/account")
    }

    func get(_ path: String, headers: HTTPFields = [:]) async throws -> Answer {
        try await send(.get, path, headers: headers)
    }

    /// A form with the token of the page before.
    func post(_ path: String, _ fields: KeyValuePairs<String, String>, token: String? = nil, headers: HTTPFields = [:])
        async throws -> Answer
    {
        let pairs = fields.map { ($0.key, $0.value) } + [("token", token ?? self.token)]
        let body = pairs.map { "\(Links.encode($0.0))=\(Links.encode($0.1))" }.joined(separator: "&")
        var headers = headers
        headers[.contentType] = "application/x-www-form-urlencoded"
        return try await send(.post, path, headers: headers, body: body)
    }

    /// A request of a program, with a token in place of cookies.
    func call(
        _ method: HTTPRequest.Method, _ path: String, bearer: String? = nil, _ body: JSONValue? = nil,
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        var headers = headers
        if let bearer { headers[.authorization] = "Bearer \(bearer)" }
        if body != nil { headers[.contentType] = "application/json" }
        let text = try body.map { String(decoding: try $0.encoded(), as: UTF8.self) }
        return try await send(method, path, headers: headers, body: text ?? "", isProgram: bearer != nil)
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, headers: HTTPFields = [:], body: String = "",
        bytes: [UInt8]? = nil, isProgram: Bool = false, authority: String = "localhost"
    ) async throws -> Answer {
        var head = HTTPRequest(method: method, scheme: "http", authority: authority, path: path)
        head.headerFields = headers
        let cookies = state.withLock { $0.cookies.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; ") }
        if !cookies.isEmpty, !isProgram { head.headerFields[.cookie] = cookies }
        let buffer = bytes.map { ByteBuffer(bytes: $0) } ?? ByteBuffer(string: body)
        head.headerFields[.contentLength] = "\(buffer.readableBytes)"
        let source = ApplicationRequestContextSource(
            channel: EmbeddedChannel(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let response = try await responder.respond(
            to: Request(head: head, body: RequestBody(buffer: buffer)), context: PortalContext(source: source))
        let collector = BodyCollector()
        try await response.body.write(collector)
        keep(response.headers[values: .setCookie], page: collector.text)
        return Answer(status: response.status.code, headers: response.headers, text: collector.text)
    }

    private func keep(_ cookies: [String], page: String) {
        state.withLock { state in
            for cookie in cookies {
                let pair = cookie.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
                let isOver = cookie.contains("Max-Age=0")
                state.cookies[String(pair[0])] = isOver || pair.count < 2 ? nil : String(pair[1])
            }
            if let start = page.range(of: "name=\"token\" value=\"") {
                state.token = String(page[start.upperBound...].prefix { $0 != "\"" })
            }
        }
    }
}

/// Keeps what a response writes.
final class BodyCollector: ResponseBodyWriter {
    private var buffer = ByteBuffer()

    var text: String { String(buffer: buffer) }

    func write(_ buffer: ByteBuffer) async throws { self.buffer.writeImmutableBuffer(buffer) }
    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
