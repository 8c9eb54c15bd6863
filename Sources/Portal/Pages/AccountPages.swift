import Accounts
import Foundation
import Hummingbird
import Measures
import PasswordHashing
import Persistence

/// One's own account: profile, password, second factor, sessions, tokens, data.
enum AccountPages {
    static let routes: [Route] = [
        .page(.get, "/account", .signedIn, "One's own account") { visit in try await show(visit) },
        .page(.post, "/account/profile", .signedIn, "Save name and wishes", profile),
        .page(.post, "/account/password", .signedIn, "Change the password", isGuarded: true, password),
        .page(.post, "/account/factor/begin", .signedIn, "Begin with a second factor", beginFactor),
        .page(.post, "/account/factor/confirm", .signedIn, "Confirm a second factor", isGuarded: true, confirmFactor),
        .page(.post, "/account/factor/remove", .signedIn, "Do without a second factor", isGuarded: true, removeFactor),
        .page(.post, "/account/sessions/end", .signedIn, "End a session", endSession),
        .page(.post, "/account/tokens", .signedIn, "Make a token for a program", makeToken),
        .page(.post, "/account/tokens/{token}/revoke", .signedIn, "Take a token back") { visit in
            let person = try person(visit)
            guard
                try await visit.portal.apiTokens.revoke(
                    try visit.number("token"), of: person.account, origin: visit.origin)
            else { throw Problem.notFound }
            return .redirect(to: "/account?done=token#tokens")
        },
        .page(.get, "/account/data.json", .signedIn, "Everything that is kept about oneself", export),
        .page(.post, "/account/delete", .signedIn, "Delete one's account", isGuarded: true, delete),
    ]

    /// These pages are for people at a browser: a token does not open them.
    private static func person(_ visit: Visit) throws -> PortalIdentity {
        guard let identity = visit.identity else { throw Problem.forbidden("Log in with a browser for this.") }
        return identity
    }

    private static func show(
        _ visit: Visit, errors: [String: String] = [:], newToken: String? = nil
    ) async throws -> Response {
        let portal = visit.portal
        let person = try person(visit)
        let credentials = try await portal.logins.credentials(of: person.account)
        let proposed = try await portal.logins.proposedTOTP(of: person.account)
        var data: PageData = [
            "name": person.name, "email": person.email, "roleTitle": person.role.title,
            "organizationName": person.organizationName ?? "", "version": person.version,
            "notify": person.notifyEvents, "errors": errors, "hasFactor": credentials?.totpSecret != nil,
            "sessions": try await portal.sessions.sessions(of: person.account, now: visit.now).map { session in
                [
                    "id": Base64URL.encode(session.digest), "begun": Written.time(session.createdAt),
                    "seen": Written.ago(session.seenAt, now: visit.now), "address": session.address,
                    "agent": browser(session.agent), "isThis": session.digest == visit.session?.digest,
                ] as PageData
            },
            "tokens": try await portal.apiTokens.tokens(of: person.account, now: visit.now).map { token in
                [
                    "id": token.id, "name": token.name, "access": token.isReadOnly ? "reads" : "reads and writes",
                    "made": Written.time(token.createdAt), "until": Written.time(token.expiresAt),
                    "used": Written.ago(token.usedAt, now: visit.now),
                ] as PageData
            },
        ]
        if let proposed, credentials?.totpSecret == nil {
            data["proposal"] = [
                "secret": Base32.encode(proposed),
                "link": TimeBasedCode.address(secret: proposed, account: person.email, issuer: "Curtail"),
            ]
        }
        if let newToken { data["newToken"] = newToken }
        return try portal.page(
            "account", "Your account", visit, data, status: errors.isEmpty ? .ok : .badRequest)
    }

    /// The browser's name out of what it calls itself.
    private static func browser(_ agent: String) -> String {
        let names = [("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]
        return names.first { agent.contains($0.0) }?.1 ?? (agent.isEmpty ? "unknown" : String(agent.prefix(40)))
    }

    @Sendable private static func profile(_ visit: Visit) async throws -> Response {
        let person = try person(visit)
        let form = try visit.form
        let name = form.text("name")
        guard name.count <= 120 else { return try await show(visit, errors: ["name": "Use at most 120 characters."]) }
        let saved = try await visit.portal.members.updateProfile(
            of: person.account, name: name, notifyEvents: form.isOn("notify"),
            version: Int64(form.text("version")) ?? -1, origin: visit.origin)
        guard saved != nil else { throw Problem.changedMeanwhile }
        return .redirect(to: "/account?done=profile")
    }

    /// Whoever sits down at an open browser must not get the account: the password is asked for again.
    private static func knowsPassword(_ visit: Visit, _ person: PortalIdentity) async throws -> Bool {
        let credentials = try await visit.portal.logins.credentials(of: person.account)
        let verdict = try await visit.portal.parts.hasher.verify(
            try visit.form.raw("current"), against: credentials?.passwordHash)
        if case .right(needsRehash: _) = verdict { return true }
        return false
    }

    @Sendable private static func password(_ visit: Visit) async throws -> Response {
        let person = try person(visit)
        guard try await knowsPassword(visit, person) else {
            return try await show(visit, errors: ["current": "This is not your password."])
        }
        let password = try visit.form.raw("password")
        if let objection = PasswordRules.objection(to: password, email: person.email, name: person.name) {
            return try await show(visit, errors: ["password": objection])
        }
        let hash = try await visit.portal.parts.hasher.hash(password)
        try await visit.portal.logins.setPassword(
            hash, of: person.account, keeping: visit.session?.digest, origin: visit.origin)
        return .redirect(to: "/account?done=password")
    }

    @Sendable private static func beginFactor(_ visit: Visit) async throws -> Response {
        let person = try person(visit)
        let secret = visit.portal.parts.random(TimeBasedCode.secretLength)
        try await visit.portal.logins.proposeTOTP(secret, of: person.account)
        return .redirect(to: "/account#factor")
    }

    @Sendable private static func confirmFactor(_ visit: Visit) async throws -> Response {
        let person = try person(visit)
        guard let secret = try await visit.portal.logins.proposedTOTP(of: person.account) else {
            return .redirect(to: "/account#factor")
        }
        let digits = try visit.form.text("code").filter { $0 != " " }
        guard let step = TimeBasedCode(secret: secret).accept(digits, at: visit.now, lastUsed: nil) else {
            return try await show(visit, errors: ["code": "This is not the code that the app shows now."])
        }
        try await visit.portal.logins.confirmTOTP(of: person.account, step: step, origin: visit.origin)
        return .redirect(to: "/account?done=factor-on#factor")
    }

    @Sendable private static func removeFactor(_ visit: Visit) async throws -> Response {
        let person = try person(visit)
        guard try await knowsPassword(visit, person) else {
            return try await show(visit, errors: ["factor": "This is not your password."])
        }
        try await visit.portal.logins.removeTOTP(of: person.account, origin: visit.origin)
        return .redirect(to: "/account?done=factor-off#factor")
    }

    @Sendable private static func endSession(_ visit: Visit) async throws -> Response {
        let person = try person(visit)
        guard let digest = Base64URL.decode(try visit.form.text("session")),
            try await visit.portal.sessions.end(digest, of: person.account, origin: visit.origin)
        else { throw Problem.notFound }
        return .redirect(to: "/account?done=session#sessions")
    }

    @Sendable private static func makeToken(_ visit: Visit) async throws -> Response {
        let person = try person(visit)
        let form = try visit.form
        let name = form.text("name")
        let days = Int64(form.text("days")) ?? 0
        guard (1...120).contains(name.count) else {
            return try await show(visit, errors: ["tokenName": "Give the token a name, at most 120 characters."])
        }
        guard (1...366).contains(days) else {
            return try await show(visit, errors: ["tokenDays": "Give 1 to 366 days."])
        }
        let token = SecretToken(random: visit.portal.parts.random)
        _ = try await visit.portal.apiTokens.create(
            token.digest, named: name, isReadOnly: !form.isOn("writes"), lifetime: .days(days), of: person.account,
            origin: visit.origin)
        // Shown once: only its hash is kept.
        return try await show(visit, newToken: Gate.personalPrefix + token.text)
    }

    // MARK: One's data

    @Sendable private static func export(_ visit: Visit) async throws -> Response {
        let person = try person(visit)
        let viewer = person.viewer()
        let sessions = try await visit.portal.sessions.sessions(of: person.account, now: visit.now)
        let meters = try await visit.portal.meters.meters(seenBy: viewer, PartRequest(limit: 200))
        let rewards = try await visit.portal.rewards.rewards(seenBy: viewer, PartRequest(limit: 200))
        let lines = try await visit.portal.portfolio.audit(seenBy: viewer, PartRequest(limit: 200))
        let document: JSONValue = [
            "account": [
                "email": .text(person.email), "name": .text(person.name), "role": .text(person.role.rawValue),
                "organization": .optional(person.organizationName) { .text($0) },
                "notifyEvents": .boolean(person.notifyEvents),
            ],
            "sessions": .array(
                sessions.map { ["since": .text($0.createdAt.description), "address": .text($0.address)] }),
            "meters": .array(meters.rows.map { .text($0.meter.description.name) }),
            "rewards": .array(
                rewards.rows.map { ["event": .text($0.event), "amount": .text($0.amount.description)] }),
            "audit": .array(
                lines.rows.filter { $0.actor == person.email }.map {
                    ["at": .text($0.occurredAt.description), "action": .text($0.action), "subject": .text($0.subject)]
                }),
        ]
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/json", .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"my-data.json\"",
            ], body: ResponseBody(byteBuffer: .init(bytes: try document.encoded())))
    }

    @Sendable private static func delete(_ visit: Visit) async throws -> Response {
        let person = try person(visit)
        guard try await knowsPassword(visit, person) else {
            return try await show(visit, errors: ["delete": "This is not your password."])
        }
        guard try await visit.portal.members.delete(person.account, origin: visit.origin) else {
            return try await show(
                visit, errors: ["delete": "You are the only admin: make somebody else an admin first."])
        }
        var response = Response.redirect(to: "/login?done=deleted")
        response.setCookie(Gate.cookie(Gate.sessionCookie, "", maxAge: 0))
        return response
    }
}
