import Accounts
import HTTPTypes
import Hummingbird
import PasswordHashing
import Persistence

/// Forgotten passwords, and the first password of someone who was invited.
enum PasswordPages {
    static let routes: [Route] = [
        .page(.get, "/password/forgot", .anyone, "Form for a forgotten password") { visit in
            try visit.portal.page("password-forgot", "Forgotten password", visit)
        },
        .page(.post, "/password/forgot", .anyone, "Ask for a link to set a password", isGuarded: true, forgot),
        .page(.get, "/password/reset", .anyone, "Form for a new password") { visit in
            try await form(visit, visit.query.text("token"), .reset)
        },
        .page(.post, "/password/reset", .anyone, "Set a new password", isGuarded: true) { visit in
            try await set(visit, .reset)
        },
        .page(.get, "/invitation", .anyone, "Form for the first password") { visit in
            try await form(visit, visit.query.text("token"), .invite)
        },
        .page(.post, "/invitation", .anyone, "Set the first password", isGuarded: true) { visit in
            try await set(visit, .invite)
        },
    ]

    @Sendable private static func forgot(_ visit: Visit) async throws -> Response {
        let portal = visit.portal
        let email = EmailAddress(try visit.form.text("email"))
        let even = EvenAnswer()
        if let email {
            let token = SecretToken(random: portal.parts.random)
            let mail = try portal.mail(
                "reset", to: email.text, "Set a new password", ["link": portal.link("/password/reset", token.text)])
            try await portal.accounts.requestReset(
                email, token: token.digest, mail: mail, origin: visit.origin(email.text))
        }
        // The same words for every address, after the same time.
        try await even.wait()
        return try portal.page("password-sent", "Look into your mailbox", visit)
    }

    private static func form(
        _ visit: Visit, _ link: String, _ purpose: RegistrationStore.Purpose, error: String? = nil
    ) async throws -> Response {
        guard let token = SecretToken(link),
            let identity = try await visit.portal.accounts.owner(of: token.digest, purpose, now: visit.now)
        else { return try visit.portal.page("link-over", "This link does not work", visit, status: .gone) }
        var data: PageData = ["link": token.text, "email": identity.email, "action": visit.request.uri.path]
        if let error { data["error"] = error }
        return try visit.portal.page(
            "password-reset", purpose == .invite ? "Choose your password" : "Set a new password", visit, data,
            status: error == nil ? .ok : .badRequest)
    }

    private static func set(_ visit: Visit, _ purpose: RegistrationStore.Purpose) async throws -> Response {
        let portal = visit.portal
        let fields = try visit.form
        let link = fields.text("link")
        let password = fields.raw("password")
        guard let token = SecretToken(link),
            let owner = try await portal.accounts.owner(of: token.digest, purpose, now: visit.now)
        else { return try portal.page("link-over", "This link does not work", visit, status: .gone) }
        if let objection = PasswordRules.objection(to: password, email: owner.email, name: owner.name) {
            return try await form(visit, link, purpose, error: objection)
        }
        let hash = try await portal.parts.hasher.hash(password)
        let done = try await portal.accounts.setPassword(
            hash, with: token.digest, purpose, origin: visit.origin(owner.email))
        guard done != nil else { return try portal.page("link-over", "This link does not work", visit, status: .gone) }
        return .redirect(to: "/login?done=reset")
    }
}
