import Accounts
import HTTPTypes
import MariaDB
import Measures
import PasswordHashing
import Persistence
import Testing

@testable import Portal

extension PortalTests {
    @Suite struct RegistrationTests {
        private func register(
            _ browser: Browser, _ email: String, organization: String? = nil, password: String = Place.password
        ) async throws -> Answer {
            _ = try await browser.get("/register")
            return try await browser.post(
                "/register",
                [
                    "email": email, "name": "Ann", "password": password,
                    "kind": organization == nil ? "resident" : "organization", "organization": organization ?? "",
                ])
        }

        private func confirm(_ browser: Browser, _ place: Place, _ email: String) async throws -> Answer {
            let path = try link(in: try await place.mail(to: email))
            let page = try await browser.get(path)
            #expect(page.status == 200)
            return try await browser.post("/verify", ["link": String(path.split(separator: "=")[1])])
        }

        @Test func `a resident signs up, confirms the address, and comes in at once`() async throws {
            let place = try await Place()
            let browser = Browser(place)
            #expect(try await register(browser, "resident1@example.org").status == 200)
            let early = try await browser.post(
                "/login", ["email": "resident1@example.org", "password": Place.password])
            #expect(early.status == 403 && early.text.contains("Confirm your e-mail address"))
            let confirmed = try await confirm(browser, place, "resident1@example.org")
            #expect(confirmed.status == 303 && confirmed.location == "/login?done=confirmed")
            try await browser.login("resident1@example.org")
            #expect(try await browser.get("/dashboard").status == 200)
        }

        @Test func `a link works once`() async throws {
            let place = try await Place()
            let browser = Browser(place)
            _ = try await register(browser, "once@example.org")
            let path = try link(in: try await place.mail(to: "once@example.org"))
            _ = try await confirm(browser, place, "once@example.org")
            #expect(try await browser.get(path).status == 410)
            #expect(try await browser.post("/verify", ["link": String(path.split(separator: "=")[1])]).status == 410)
        }

        @Test
        func `the first of an organization is its admin, the next one waits, and the distributor decides about both`()
            async throws
        {
            let place = try await Place()
            let (first, second) = (Browser(place), Browser(place))
            _ = try await register(first, "boss@mill.example", organization: "Mill 1")
            #expect(
                try await confirm(first, place, "boss@mill.example").text.contains(
                    "distributor has to approve your organization"))
            let (distributor, _) = try await place.person(.distributorAdmin)
            let admin = try await distributor.get("/admin")
            #expect(admin.text.contains("Mill 1"))
            let id = try await place.count("SELECT org_id AS n FROM organizations WHERE name = 'Mill 1'")
            #expect(try await distributor.post("/organizations/\(id)/decide", ["approval": "approved"]).status == 303)
            #expect(try await place.mail(to: "boss@mill.example")?.subject == "Your organization is approved")
            try await first.login("boss@mill.example")

            _ = try await register(second, "hand@mill.example", organization: "Mill 1")
            #expect(try await confirm(second, place, "hand@mill.example").text.contains("admin of your organization"))
            let people = try await first.get("/organization")
            #expect(people.text.contains("hand@mill.example"))
            let hand = try await place.count("SELECT account_id AS n FROM users WHERE email = 'hand@mill.example'")
            #expect(try await first.post("/people/\(hand)/decide", ["approval": "approved"]).status == 303)
            try await second.login("hand@mill.example")
            #expect(try await second.get("/organization").status == 403)
        }

        @Test func `an address that is taken gets the same answer, and its owner a mail`() async throws {
            let place = try await Place()
            let browser = Browser(place)
            let fresh = try await register(browser, "taken@example.org")
            let again = try await register(Browser(place), "taken@example.org", password: "another good password")
            #expect(again.status == fresh.status)
            #expect(try await place.mail(to: "taken@example.org")?.subject == "You have an account already")
            #expect(try await place.count("SELECT COUNT(*) AS n FROM users WHERE email = 'taken@example.org'") == 1)
        }

        @Test(arguments: [
            ("no-address", Place.password, "resident"), ("a@example.org", "short", "resident"),
            ("b@example.org", "password1234", "resident"), ("c@example.org", Place.password, "organization"),
        ])
        func `what is missing or bad is said beside its field, and nothing is made`(
            _ email: String, _ password: String, _ kind: String
        ) async throws {
            let place = try await Place()
            let browser = Browser(place)
            _ = try await browser.get("/register")
            let answer = try await browser.post("/register", ["email": email, "password": password, "kind": kind])
            #expect(answer.status == 400 && answer.text.contains("aria-invalid=\"true\""))
            #expect(try await place.count("SELECT COUNT(*) AS n FROM users WHERE email = ?", [.text(email)]) == 0)
        }

        @Test func `an invited person chooses a password and comes in`() async throws {
            let place = try await Place()
            let (admin, _) = try await place.person(.organizationAdmin, organization: "Inviters")
            _ = try await admin.get("/organization")
            #expect(
                try await admin.post("/organization/invite", ["email": "guest@example.org", "name": "Guest"]).status
                    == 303)
            let path = try link(in: try await place.mail(to: "guest@example.org"))
            let guest = Browser(place)
            #expect(try await guest.get(path).text.contains("Choose your password"))
            let set = try await guest.post(
                "/invitation", ["link": String(path.split(separator: "=")[1]), "password": Place.password])
            #expect(set.location == "/login?done=reset")
            try await guest.login("guest@example.org")
        }
    }

    @Suite struct ResetTests {
        private func ask(_ browser: Browser, _ email: String) async throws -> Answer {
            _ = try await browser.get("/password/forgot")
            return try await browser.post("/password/forgot", ["email": email])
        }

        @Test func `a reset works once, ends every session, and old passwords are over`() async throws {
            let place = try await Place()
            let (known, identity) = try await place.person(.resident)
            let stranger = Browser(place)
            _ = try await ask(stranger, identity.email)
            let path = try link(in: try await place.mail(to: identity.email))
            let secret = String(path.split(separator: "=")[1])
            _ = try await stranger.get(path)
            let set = try await stranger.post("/password/reset", ["link": secret, "password": "a fresh good password"])
            #expect(set.location == "/login?done=reset")
            #expect(try await known.get("/dashboard").location.hasPrefix("/login"))
            let again = try await stranger.post(
                "/password/reset", ["link": secret, "password": "yet another good one"])
            #expect(again.status == 410)
            _ = try await stranger.get("/login")
            #expect(
                try await stranger.post("/login", ["email": identity.email, "password": Place.password]).status == 401)
            try await stranger.login(identity.email, password: "a fresh good password")
        }

        @Test func `a link is over after thirty minutes`() async throws {
            let place = try await Place()
            let (_, identity) = try await place.person(.resident)
            let browser = Browser(place)
            _ = try await ask(browser, identity.email)
            let path = try link(in: try await place.mail(to: identity.email))
            place.clock.advance(.minutes(30))
            #expect(try await browser.get(path).status == 410)
        }

        @Test func `of two that bring a link at the same time, one sets the password (W6)`() async throws {
            let place = try await Place()
            let (_, identity) = try await place.person(.resident)
            let browser = Browser(place)
            _ = try await ask(browser, identity.email)
            let path = try link(in: try await place.mail(to: identity.email))
            let secret = String(path.split(separator: "=")[1])
            _ = try await browser.get(path)
            async let one = browser.post("/password/reset", ["link": secret, "password": "first good password"])
            async let two = browser.post("/password/reset", ["link": secret, "password": "second good password"])
            let statuses = try await [one.status, two.status].sorted()
            #expect(statuses == [303, 410])
        }

        @Test func `the answer is the same for an address that nobody has`() async throws {
            let place = try await Place()
            let (_, identity) = try await place.person(.resident)
            let known = try await ask(Browser(place), identity.email)
            let unknown = try await ask(Browser(place), "nobody@example.org")
            #expect(known.status == unknown.status)
            #expect(
                known.text.split(separator: "\n").filter { !$0.contains("token") }
                    == unknown.text.split(separator: "\n").filter { !$0.contains("token") })
            #expect(try await place.mail(to: "nobody@example.org") == nil)
        }

        @Test func `links name the configured host, whatever the request says (W6)`() async throws {
            let place = try await Place(url: "https://portal.example.com")
            let hash = try await place.portal.parts.hasher.hash(Place.password)
            let email = try #require(EmailAddress("host@example.org"))
            _ = try await place.portal.accounts.register(
                .init(email: email, name: "", organization: nil, passwordHash: hash), token: TestBytes.random(32),
                welcome: .init(recipient: email.text, subject: "x", text: "x", html: "x"),
                known: .init(recipient: email.text, subject: "x", text: "x", html: "x"), origin: place.origin)
            let browser = Browser(place)
            let page = try await browser.send(.get, "/password/forgot", authority: "portal.example.com")
            #expect(
                page.headers[values: .init("Strict-Transport-Security")!] == ["max-age=31536000; includeSubDomains"])
            #expect(try await browser.send(.get, "/password/forgot", authority: "evil.example").status == 421)
            var headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
            headers[.origin] = "https://portal.example.com"
            _ = try await browser.send(
                .post, "/password/forgot", headers: headers, body: "email=host%40example.org&token=\(browser.token)",
                authority: "portal.example.com")
            #expect(
                try await place.mail(to: email.text)?.text.contains("https://portal.example.com/password/reset?token=")
                    == true)
        }
    }
}
