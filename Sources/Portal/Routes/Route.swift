import Accounts
import HTTPTypes
import Hummingbird

/// One thing that the portal answers: the table of them is the only place from which the router, the description of the
/// API and the test of who may do what are made.
struct Route: Sendable {
    /// Who may come in at all; what of the data is reached is decided in the queries.
    enum Access: Hashable, Sendable {
        case anyone
        /// Everyone who is logged in.
        case signedIn
        case needs(Permission)
    }

    /// For whom the answer is.
    enum Audience: Hashable, Sendable {
        case people
        case programs
    }

    typealias Handler = @Sendable (Visit) async throws -> Response

    let method: HTTPRequest.Method
    /// With parameters in braces: `/meters/{meter}`.
    let path: String
    let audience: Audience
    let access: Access
    /// What it does, in a few words.
    let summary: String
    /// What programs need to know about it.
    var operation: Operation?
    /// In bytes.
    var bodyLimit = 64 << 10
    /// Attempts are counted: log in, sign up, forget a password.
    var isGuarded = false
    let handler: Handler

    static func page(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ summary: String, isGuarded: Bool = false,
        bodyLimit: Int = 64 << 10, _ handler: @escaping Handler
    ) -> Route {
        Route(
            method: method, path: path, audience: .people, access: access, summary: summary, bodyLimit: bodyLimit,
            isGuarded: isGuarded, handler: handler)
    }

    static func api(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ summary: String, _ operation: Operation,
        isGuarded: Bool = false, bodyLimit: Int = 64 << 10, _ handler: @escaping Handler
    ) -> Route {
        Route(
            method: method, path: "/api/v1\(path)", audience: .programs, access: access, summary: summary,
            operation: operation, bodyLimit: bodyLimit, isGuarded: isGuarded, handler: handler)
    }
}
