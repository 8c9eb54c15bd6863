import Accounts
import HTTPTypes
import Hummingbird
import Measures
import Persistence

/// Log in, the second factor, log out.
enum LoginPages {
    static let routes: [Route] = [
        .page(.get, "/login", .anyone, "Form to log in") { visit in
            guard visit.viewerIfAny == nil else { return .redirect(to: "/dashboard") }
            return try form(visit)
        },
        .page(.post, "/login", .anyone, "Log in", isGuarded: true, login),
        .page(.get, "/login/code", .anyone, "Form for the second factor") { visit in
            guard visit.session?.stage == .secondFactor else { return .redirect(to: "/login") }
            return try visit.portal.page("login-code", "Second factor", visit, ["next": visit.query.text("next")])
        },
        .page(.post, "/login/code", .anyone, "Give the second factor", isGuarded: true, code),
        .page(.post, "/logout", .anyone, "Log out") { visit in
            if let session = visit.session { try await visit.portal.sessions.end(session.digest) }
            var response = Response.redirect(to: "/login?done=logout")
            response.setCookie(Gate.cookie(Gate.sessionCookie, "", maxAge: 0))
            return response
        },
    ]

    private static func form(
        _ visit: Visit, email: String = "", error: String? = nil, status: HTTPResponse.Status = .ok
    ) throws -> Response {
        var data: PageData = ["email": email, "next": visit.query.text("next")]
        if let error { data["error"] = error }
        return try visit.portal.page("login", "Log in", visit, data, status: status)
    }

    @Sendable private static func login(_ visit: Visit) async throws -> Response {
        let form = try visit.form
        let email = form.text("email")
        switch try await visit.portal.login(email, form.raw("password")) {
        case .wrong:
            return try Self.form(
                visit, email: email, error: "Address and password do not belong together.", status: .unauthorized)
        case .wait(let wait):
            var response = try Self.form(
                visit, email: email, error: "Too many attempts. Try again in \(wait.seconds) s.",
                status: .tooManyRequests)
            response.headers[.retryAfter] = "\(wait.seconds)"
            return response
        case .closed(let state):
            return try Self.form(visit, email: email, error: state.explanation, status: .forbidden)
        case .needsCode(let credentials):
            let next = Links.local(form.text("next")).map { "?next=\(Links.encode($0))" } ?? ""
            return try await begin(credentials, .secondFactor, visit, goal: "/login/code\(next)")
        case .welcome(let credentials):
            return try await begin(credentials, .full, visit, goal: Links.local(form.text("next")) ?? "/dashboard")
        }
    }

    @Sendable private static func code(_ visit: Visit) async throws -> Response {
        guard let session = visit.session, session.stage == .secondFactor,
            let credentials = try await visit.portal.logins.credentials(of: session.identity.account)
        else { return .redirect(to: "/login") }
        let form = try visit.form
        let error: String
        switch try await visit.portal.checkCode(form.text("code"), credentials) {
        case .welcome:
            return try await begin(credentials, .full, visit, goal: Links.local(form.text("next")) ?? "/dashboard")
        case .wait(let wait): error = "Too many attempts. Try again in \(wait.seconds) s."
        default: error = "This is not the code that the app shows now."
        }
        return try visit.portal.page(
            "login-code", "Second factor", visit, ["error": error, "next": form.text("next")], status: .unauthorized)
    }

    /// A new id at every rise of privilege (W2); the old session ends.
    private static func begin(
        _ credentials: LoginStore.Credentials, _ stage: SessionStore.Stage, _ visit: Visit, goal: String
    ) async throws -> Response {
        let token = SecretToken(random: visit.portal.parts.random)
        try await visit.portal.sessions.open(
            SessionStore.Opening(
                digest: token.digest, account: credentials.identity.account, stage: stage, agent: visit.agent),
            replacing: visit.session?.digest, origin: visit.origin(credentials.identity.email))
        var response = Response.redirect(to: goal)
        response.setCookie(Gate.cookie(Gate.sessionCookie, token.text, maxAge: nil))
        return response
    }
}
