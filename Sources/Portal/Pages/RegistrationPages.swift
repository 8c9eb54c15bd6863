import Accounts
import HTTPTypes
import Hummingbird
import MariaDB
import PasswordHashing
import Persistence

/// Sign up, and confirm the address.
enum RegistrationPages {
    static let routes: [Route] = [
        .page(.get, "/register", .anyone, "Form to sign up") { visit in
            try form(visit, try visit.form, errors: [:])
        },
        .page(.post, "/register", .anyone, "Sign up", isGuarded: true, register),
        .page(.get, "/verify", .anyone, "Form to confirm an address") { visit in
            guard let token = SecretToken(visit.query.text("token")),
                let identity = try await visit.portal.accounts.owner(of: token.digest, .confirm, now: visit.now)
            else { return try visit.portal.page("link-over", "This link does not work", visit, status: .gone) }
            return try visit.portal.page(
                "verify", "Confirm your address", visit, ["link": token.text, "email": identity.email])
        },
        .page(.post, "/verify", .anyone, "Confirm an address", isGuarded: true) { visit in
            guard let token = SecretToken(try visit.form.text("link")),
                let identity = try await visit.portal.accounts.confirm(token.digest, origin: visit.origin)
            else { return try visit.portal.page("link-over", "This link does not work", visit, status: .gone) }
            guard identity.state == .active else {
                return try visit.portal.page(
                    "waiting", "Your address is confirmed", visit, ["explanation": identity.state.explanation])
            }
            return .redirect(to: "/login?done=confirmed")
        },
    ]

    private static func form(
        _ visit: Visit, _ form: Form, errors: [String: String], status: HTTPResponse.Status = .ok
    ) throws -> Response {
        let isCompany = form.text("kind") == "organization"
        let data: PageData = [
            "email": form.text("email"), "name": form.text("name"), "organization": form.text("organization"),
            "isCompany": isCompany, "isResident": !isCompany, "errors": errors,
        ]
        return try visit.portal.page("register", "Create an account", visit, data, status: status)
    }

    @Sendable private static func register(_ visit: Visit) async throws -> Response {
        let form = try visit.form
        let portal = visit.portal
        let name = form.text("name")
        let password = form.raw("password")
        var errors: [String: String] = [:]
        let email = EmailAddress(form.text("email"))
        if email == nil { errors["email"] = "Give an address like name@example.com." }
        if name.count > 120 { errors["name"] = "Use at most 120 characters." }
        if let objection = PasswordRules.objection(to: password, email: form.text("email"), name: name) {
            errors["password"] = objection
        }
        var organization: String?
        if form.text("kind") == "organization" {
            organization = form.text("organization")
            if !(2...190).contains(organization?.count ?? 0) {
                errors["organization"] = "Give the organization's name, 2 to 190 characters."
            }
        }
        guard let email, errors.isEmpty else { return try Self.form(visit, form, errors: errors, status: .badRequest) }
        let even = EvenAnswer()
        let hash = try await portal.parts.hasher.hash(password)
        let token = SecretToken(random: portal.parts.random)
        let applicant = RegistrationStore.Applicant(
            email: email, name: name, organization: organization, passwordHash: hash)
        let welcome = try portal.mail(
            "confirm", to: email.text, "Confirm your address",
            ["link": portal.link("/verify", token.text), "name": name])
        let known = try portal.mail("known", to: email.text, "You have an account already", ["name": name])
        func attempt() async throws {
            try await portal.accounts.register(
                applicant, token: token.digest, welcome: welcome, known: known, origin: visit.origin(email.text))
        }
        do {
            try await attempt()
        } catch let error as MariaDBError where error.isDuplicateKey {
            // Somebody signed up with the address, or founded the organization, at the same moment.
            try await attempt()
        }
        try await even.wait()
        return try portal.page(
            "registered", "Look into your mailbox", visit,
            ["email": email.text, "organization": organization ?? "", "isCompany": organization != nil])
    }
}
