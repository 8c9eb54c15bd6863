import Accounts
import HTTPTypes
import Hummingbird
import Measures
import Persistence

/// Tokens for programs: log in, exchange, log out.
enum LoginAPI {
    private static let credentials: [Shape.Field] = [
        .init(name: "email", shape: .text(1...190), about: "Address of the account."),
        .init(name: "password", shape: .text(1...200), about: "Its password."),
        .init(
            name: "code", shape: .text(6...6), about: "Code of the second factor, for accounts that have one.",
            isRequired: false),
    ]

    private static let refreshField: [Shape.Field] = [
        .init(name: "refreshToken", shape: .text(43...43), about: "The refresh token of the last answer.")
    ]

    private static let tokens: Shape = .object([
        .init(name: "accessToken", shape: .text, about: "Send it with 'Authorization: Bearer'."),
        .init(name: "expiresIn", shape: .integer, about: "How long it works, in s."),
        .init(name: "refreshToken", shape: .text, about: "Good for the next pair of tokens, once."),
    ])

    static let routes: [Route] = [
        .api(
            .post, "/auth/login", .anyone, "Log in",
            Operation(tag: "Login", body: credentials, answer: .shape(tokens), refusals: [.forbidden]), isGuarded: true,
            login),
        .api(
            .post, "/auth/refresh", .anyone, "Exchange a refresh token for new tokens",
            Operation(tag: "Login", body: refreshField, answer: .shape(tokens)), isGuarded: true, refresh),
        .api(
            .post, "/auth/logout", .anyone, "End a chain of refresh tokens",
            Operation(tag: "Login", body: refreshField, answer: .nothing), isGuarded: true
        ) { visit in
            let input = try visit.input(refreshField)
            guard let token = SecretToken(input["refreshToken"]?.text ?? "") else { throw Problem.unauthorized }
            try await visit.portal.apiTokens.endRefresh(token.digest, now: visit.now)
            return Response(status: .noContent)
        },
    ]

    private static let wrong = Problem(
        status: .unauthorized, kind: "wrong-credentials", title: "Not logged in",
        detail: "Address, password or code do not belong together.")

    @Sendable private static func login(_ visit: Visit) async throws -> Response {
        let input = try visit.input(credentials)
        var outcome = try await visit.portal.login(input["email"]?.text ?? "", input["password"]?.text ?? "")
        if case .needsCode(let known) = outcome {
            guard let code = input["code"]?.text else {
                throw Problem(
                    status: .unauthorized, kind: "second-factor", title: "Second factor",
                    detail: "This account needs the code of its second factor.")
            }
            outcome = try await visit.portal.checkCode(code, known)
        }
        switch outcome {
        case .wrong, .needsCode: throw wrong
        case .wait(let wait): throw Problem.tooMany(wait.seconds)
        case .closed(let state): throw Problem.forbidden(state.explanation)
        case .welcome(let known):
            let account = known.identity.account
            let token = SecretToken(random: visit.portal.parts.random)
            try await visit.portal.apiTokens.beginRefresh(
                token.digest, of: account, origin: visit.origin(known.identity.email))
            return try await answer(visit, known.identity, token)
        }
    }

    @Sendable private static func refresh(_ visit: Visit) async throws -> Response {
        let input = try visit.input(refreshField)
        let next = SecretToken(random: visit.portal.parts.random)
        guard let token = SecretToken(input["refreshToken"]?.text ?? ""),
            let identity = try await visit.portal.apiTokens.refresh(token.digest, next: next.digest, now: visit.now)
        else { throw Problem.unauthorized }
        return try await answer(visit, identity, next)
    }

    private static func answer(_ visit: Visit, _ identity: PortalIdentity, _ refresh: SecretToken) async throws
        -> Response
    {
        try visit.json([
            "accessToken": .text(try await visit.portal.tokens.sign(identity.account, now: visit.now)),
            "expiresIn": .integer(TokenRules.accessToken.seconds), "refreshToken": .text(refresh.text),
        ])
    }
}
