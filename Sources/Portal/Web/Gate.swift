import Accounts
import DemandResponse
import HTTPTypes
import Hummingbird
import Logging
import MariaDB
import Measures
import NIOCore
import PasswordHashing
import Persistence

/// What every request passes on its way to its handler and back: who it is, whether it may, and what goes wrong.
struct Gate: Sendable {
    static let sessionCookie = "__Host-curtail"
    static let visitCookie = "__Host-curtail-visit"

    let portal: Portal

    func answer(_ route: Route, _ request: Request, _ context: PortalContext) async -> Response {
        let isAPI = route.audience == .programs
        let clock = ContinuousClock()
        let begun = clock.now
        var response: Response
        var visit: Visit?
        do {
            let arrived = try await arrive(route, request, context)
            visit = arrived
            try admit(arrived, to: route)
            response = try await route.handler(arrived)
        } catch {
            let problem = Self.problem(error)
            if problem.status.kind == .serverError {
                portal.parts.logger.error(
                    "request failed",
                    metadata: ["ev": "portal", "path": "\(route.path)", "reason": "\(error)"])
            }
            response = (try? refuse(problem, route, visit)) ?? Response(status: .internalServerError)
        }
        if let visit, !isAPI, case .anonymous = visit.visitor { setVisitCookie(visit, &response) }
        // How long the work took, for those who are in: what a login takes is nobody's business (W5).
        if visit?.viewerIfAny != nil, !route.isGuarded, let timing = HTTPField.Name("Server-Timing") {
            let tenths = ((clock.now - begun) / .microseconds(100)).rounded()
            response.headers[timing] = "app;dur=\(tenths / 10)"
        }
        return response
    }

    // MARK: In

    private func arrive(_ route: Route, _ request: Request, _ context: PortalContext) async throws -> Visit {
        let now = portal.now
        if let host = request.head.authority, !portal.parts.address.isOwn(host: host) {
            throw Problem(
                status: .misdirectedRequest, kind: "misdirected", title: "Wrong address",
                detail: "This portal does not go by that name.")
        }
        guard let query = Form(encoded: request.uri.query ?? "") else {
            throw Problem.badRequest("The query is broken.")
        }
        let cookies = request.cookies
        let sessionToken = cookies[Self.sessionCookie].flatMap { SecretToken($0.value) }
        let visitToken = cookies[Self.visitCookie].flatMap { SecretToken($0.value) }
        let visitor = try await self.visitor(request, sessionToken, now)
        let name = Self.name(visitor, context.address)
        if let wait = portal.limits.pages.take(name, at: now) { throw Problem.tooMany(wait) }
        if route.isGuarded, request.method != .get, let wait = portal.limits.identity.take(context.address, at: now) {
            throw Problem.tooMany(wait)
        }
        var cookie = visitToken ?? SecretToken(random: portal.parts.random)
        if case .session = visitor, let sessionToken { cookie = sessionToken }
        let hasBody = [.post, .put, .patch, .delete].contains(request.method)
        // Whoever may not send a file is refused before it is read.
        if hasBody, route.bodyLimit > Self.smallBody { try admit(Self.viewer(visitor), to: route) }
        return Visit(
            portal: portal, request: request, parameters: context.parameters, visitor: visitor, cookie: cookie,
            body: hasBody ? try await collect(request, limit: route.bodyLimit) : [], query: query,
            address: context.address, now: now)
    }

    private static func name(_ visitor: Visitor, _ address: String) -> String {
        switch visitor {
        case .anonymous: "address \(address)"
        case .session(let session): "account \(session.identity.account.rawValue)"
        case .token(let viewer): "account \(viewer.account.rawValue)"
        }
    }

    private func visitor(_ request: Request, _ session: SecretToken?, _ now: Instant) async throws -> Visitor {
        if let header = request.headers[.authorization] {
            guard header.lowercased().hasPrefix("bearer ") else { throw Problem.unauthorized }
            guard let viewer = try await bearer(String(header.dropFirst(7)), now) else { throw Problem.unauthorized }
            return .token(viewer)
        }
        guard let session, let known = try await portal.sessions.session(session.digest, now: now) else {
            return .anonymous
        }
        if now - known.seenAt >= SessionRules.touch { try await portal.sessions.touch(known.digest, now: now) }
        return .session(known)
    }

    static let personalPrefix = "curtail_"

    private func bearer(_ text: String, _ now: Instant) async throws -> Viewer? {
        if text.hasPrefix(Self.personalPrefix) {
            guard let token = SecretToken(text.dropFirst(Self.personalPrefix.count)) else { return nil }
            return try await portal.apiTokens.viewer(token.digest, now: now)
        }
        guard let account = await portal.tokens.account(of: text, now: now) else { return nil }
        return try await portal.apiTokens.viewer(account)
    }

    private func collect(_ request: Request, limit: Int) async throws -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw Problem.tooLarge }
        do {
            let buffer = try await request.body.collect(upTo: limit)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Problem.tooLarge
        }
    }

    // MARK: May it

    private func admit(_ visit: Visit, to route: Route) throws {
        if visit.request.method != .get, visit.request.method != .head { try checkOrigin(visit, route) }
        try admit(visit.viewerIfAny, to: route)
    }

    private func admit(_ viewer: Viewer?, to route: Route) throws {
        guard route.access != .anyone else { return }
        guard let viewer else { throw Problem.unauthorized }
        if case .needs(let permission) = route.access, !viewer.may(permission) {
            throw Problem.forbidden(
                "This takes the permission '\(permission.rawValue)', which your role does not have.")
        }
    }

    static func viewer(_ visitor: Visitor) -> Viewer? {
        switch visitor {
        case .session(let session) where session.stage == .full: session.identity.viewer()
        case .token(let viewer): viewer
        default: nil
        }
    }

    /// In bytes: more is read only of those who may send it.
    private static let smallBody = 1 << 20

    /// A form that another site sends carries the cookie, but neither the right origin nor the token (W3). Programs that
    /// log in with a header have no cookie that could be abused.
    private func checkOrigin(_ visit: Visit, _ route: Route) throws {
        if case .token = visit.visitor { return }
        if route.audience == .programs, case .anonymous = visit.visitor {
            // No cookie counts here; what is left is to keep other sites from logging a browser in.
            guard visit.request.headers[.origin].map(portal.parts.address.isOwn(origin:)) ?? true else {
                throw Self.foreign
            }
            return
        }
        if let origin = visit.request.headers[.origin] {
            guard portal.parts.address.isOwn(origin: origin) else { throw Self.foreign }
        } else if let site = visit.request.header("Sec-Fetch-Site"), site != "same-origin", site != "none" {
            throw Self.foreign
        }
        let sent = visit.request.header("X-Form-Token") ?? Self.formField(visit)
        guard SecretToken.areEqual(sent, visit.formToken) else { throw Self.foreign }
    }

    private static func formField(_ visit: Visit) -> String {
        let type = visit.request.headers[.contentType] ?? ""
        if type.hasPrefix("application/x-www-form-urlencoded") { return (try? visit.form.raw("token")) ?? "" }
        if type.hasPrefix("multipart/form-data") { return (try? visit.multipart.fields["token"]) ?? "" }
        return ""
    }

    private static let foreign = Problem(
        status: .forbidden, kind: "foreign-form", title: "This form is not valid any more",
        detail: "It came from another site, or the page was open for too long. Go back, load the page again and repeat."
    )

    // MARK: Out

    private func refuse(_ problem: Problem, _ route: Route, _ visit: Visit?) throws -> Response {
        if route.audience == .programs { return try problem.response() }
        if problem.status == .unauthorized, let visit, visit.request.method == .get {
            let goal = visit.request.uri.path
            return .redirect(to: goal == "/" ? "/login" : "/login?next=\(Links.encode(goal))", type: .normal)
        }
        return try portal.errorPage(problem, visit)
    }

    static func problem(_ error: any Error) -> Problem {
        switch error {
        case let problem as Problem: problem
        case let refusal as RuleViolation: .conflict("The rules of the database refuse this: \(refusal.explanation).")
        case let failure as PasswordHashingError where failure == .busy: .busy
        case let failure as MariaDBError where failure.isDuplicateKey: .conflict("There is one with this name already.")
        case let failure as MariaDBError where failure.isTemporary: .busy
        default:
            Problem(
                status: .internalServerError, kind: "internal", title: "Something went wrong",
                detail: "It is written down in the server's log.")
        }
    }

    private func setVisitCookie(_ visit: Visit, _ response: inout Response) {
        guard visit.request.cookies[Self.visitCookie]?.value != visit.cookie.text else { return }
        response.setCookie(Self.cookie(Self.visitCookie, visit.cookie.text, maxAge: nil))
    }

    /// `__Host-`: only over TLS (or to this machine itself), only to this host, and out of reach of scripts.
    static func cookie(_ name: String, _ value: String, maxAge: Int?) -> Cookie {
        if let maxAge {
            return Cookie(
                name: name, value: value, maxAge: maxAge, path: "/", secure: true, httpOnly: true, sameSite: .lax)
        }
        return Cookie(name: name, value: value, path: "/", secure: true, httpOnly: true, sameSite: .lax)
    }
}

extension Request {
    /// A header that the library has no name for.
    func header(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }
}
