import Accounts
import DemandResponse
import Foundation
import HTTPTypes
import MariaDB
import Measures
import Persistence
import Testing

@testable import Portal

extension PortalTests {
    @Suite struct LoginTests {
        private func attempt(_ browser: Browser, _ email: String, _ password: String) async throws -> Answer {
            _ = try await browser.get("/login")
            return try await browser.post("/login", ["email": email, "password": password])
        }

        @Test func `unknown names and wrong passwords are one answer (W5)`() async throws {
            let place = try await Place()
            let (_, identity) = try await place.person(.resident)
            let known = try await attempt(Browser(place), identity.email, "wrong password")
            let unknown = try await attempt(Browser(place), "nobody2@example.org", "wrong password")
            func plain(_ answer: Answer, _ email: String) -> String {
                answer.text.replacing(email, with: "X").split(separator: "\n").filter { !$0.contains("token") }.joined()
            }
            #expect(known.status == 401 && unknown.status == 401)
            #expect(plain(known, identity.email) == plain(unknown, "nobody2@example.org"))
        }

        @Test(arguments: [true, false])
        func `five failures are free, then a name waits, whether or not it is anyone's (W4)`(_ exists: Bool)
            async throws
        {
            let place = try await Place()
            let email =
                exists
                ? try await place.person(.resident).identity.email
                : "ghost\(place.clock.now().secondsSinceEpoch)@example.org"
            let browser = Browser(place)
            for _ in 0..<5 { #expect(try await attempt(browser, email, "wrong").status == 401) }
            let refused = try await attempt(browser, email, Place.password)
            #expect(refused.status == 429 && refused.headers[.retryAfter] == "1")
            place.clock.advance(.seconds(1))
            #expect(try await attempt(browser, email, "wrong").status == 401)
            #expect(try await attempt(browser, email, Place.password).headers[.retryAfter] == "2")
            place.clock.advance(.seconds(2))
            #expect(try await attempt(browser, email, Place.password).status == (exists ? 303 : 401))
        }

        @Test func `an address sends twenty attempts in a minute at most (W4)`() async throws {
            let place = try await Place()
            let browser = Browser(place)
            var statuses: [Int] = []
            for number in 0..<22 { statuses.append(try await attempt(browser, "n\(number)@example.org", "x").status) }
            #expect(statuses.prefix(20).allSatisfy { $0 == 401 } && statuses.suffix(2).allSatisfy { $0 == 429 })
        }

        @Test func `a login gets a new id, the old one is worth nothing, and logging out ends it (W2)`() async throws {
            let place = try await Place()
            let (browser, identity) = try await place.person(.resident)
            let first = try #require(browser.cookie(Gate.sessionCookie))
            _ = try await browser.get("/account")
            #expect(try await browser.post("/logout", [:]).location == "/login?done=logout")
            #expect(browser.cookie(Gate.sessionCookie) == nil)
            browser.set(cookie: Gate.sessionCookie, to: first)
            #expect(try await browser.get("/dashboard").location.hasPrefix("/login"))
            // An id that an attacker planted before the login is not the one after it.
            try await browser.login(identity.email)
            #expect(browser.cookie(Gate.sessionCookie) != first)
        }

        @Test func `a cookie is out of reach of scripts and other hosts (W2)`() async throws {
            let place = try await Place()
            let (_, identity) = try await place.person(.resident)
            let browser = Browser(place)
            _ = try await browser.get("/login")
            let answer = try await browser.post("/login", ["email": identity.email, "password": Place.password])
            let cookie = try #require(answer.headers[values: .setCookie].first { $0.hasPrefix("__Host-curtail=") })
            for part in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] { #expect(cookie.contains(part), "\(cookie)") }
            #expect(!cookie.contains("Domain"))
        }

        @Test func `a session ends after thirty idle minutes, and after twelve hours`() async throws {
            let place = try await Place()
            let (browser, identity) = try await place.person(.resident)
            for _ in 0..<24 {
                place.clock.advance(.minutes(29))
                #expect(try await browser.get("/dashboard").status == 200)
            }
            place.clock.advance(.minutes(29))
            #expect(try await browser.get("/dashboard").status == 303)
            try await browser.login(identity.email)
            place.clock.advance(.minutes(30))
            #expect(try await browser.get("/dashboard").status == 303)
        }

        @Test func `suspension ends a session and a token at once`() async throws {
            let place = try await Place()
            let (admin, _) = try await place.person(.distributorAdmin)
            let (browser, identity) = try await place.person(.organizationMember)
            let made = try await browser.post("/account/tokens", ["name": "script", "days": "9"])
            let token = try Self.token(in: made)
            #expect(try await Browser(place).call(.get, "/api/v1/me", bearer: token).status == 200)
            let decided = try await admin.post("/people/\(identity.account.rawValue)/decide", ["approval": "suspended"])
            #expect(decided.status == 303)
            #expect(try await browser.get("/dashboard").status == 303)
            #expect(try await Browser(place).call(.get, "/api/v1/me", bearer: token).status == 401)
            #expect(try await attempt(Browser(place), identity.email, Place.password).status == 403)
        }

        static func token(in page: Answer) throws -> String {
            let start = try #require(page.text.range(of: "curtail_"))
            return String(page.text[start.lowerBound...].prefix { $0 != "<" })
        }

        @Test func `the second factor is asked for, and a code is good once`() async throws {
            let place = try await Place()
            let (browser, identity) = try await place.person(.resident)
            _ = try await browser.post("/account/factor/begin", [:])
            let secret = try #require(try await place.portal.logins.proposedTOTP(of: identity.account))
            let codes = TimeBasedCode(secret: secret)
            func code() -> String { codes.code(counter: TimeBasedCode.counter(at: place.clock.now())) }
            _ = try await browser.get("/account")
            #expect(try await browser.post("/account/factor/confirm", ["code": "000000"]).status == 400)
            #expect(try await browser.post("/account/factor/confirm", ["code": code()]).status == 303)

            let other = Browser(place)
            place.clock.advance(.minutes(1))
            let half = try await attempt(other, identity.email, Place.password)
            #expect(half.location == "/login/code")
            #expect(try await other.get("/dashboard").location.hasPrefix("/login"))
            _ = try await other.get("/login/code")
            #expect(try await other.post("/login/code", ["code": "123456"]).status == 401)
            #expect(try await other.post("/login/code", ["code": code()]).location == "/dashboard")
            #expect(try await other.get("/dashboard").status == 200)

            let third = Browser(place)
            _ = try await attempt(third, identity.email, Place.password)
            _ = try await third.get("/login/code")
            #expect(try await third.post("/login/code", ["code": code()]).status == 401)
        }

        @Test(arguments: ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
        func `a login leads to no other place (W10)`(_ goal: String) async throws {
            let place = try await Place()
            let (_, identity) = try await place.person(.resident)
            let browser = Browser(place)
            _ = try await browser.get("/login?next=\(Links.encode(goal))")
            let answer = try await browser.post(
                "/login", ["email": identity.email, "password": Place.password, "next": goal])
            #expect(answer.location == "/dashboard")
        }
    }

    @Suite struct ForeignFormTests {
        /// W3: another site's form carries the cookie, but neither the right origin nor the token.
        @Test(
            arguments: [
                ("https://evil.example", true), ("null", true), ("http://localhost:1", true), (nil, false),
            ] as [(String?, Bool)])
        func `a form of another site changes nothing (W3)`(_ origin: String?, _ hasToken: Bool) async throws {
            let place = try await Place()
            let (browser, identity) = try await place.person(.resident)
            var headers: HTTPFields = [:]
            headers[.origin] = origin
            let answer = try await browser.post(
                "/account/profile", ["name": "Mallory", "version": "0"], token: hasToken ? nil : "", headers: headers)
            #expect(answer.status == 403)
            #expect(
                try await place.count(
                    "SELECT COUNT(*) AS n FROM users WHERE name = 'Mallory' AND email = ?", [.text(identity.email)])
                    == 0)
        }

        @Test func `the token of one session is worth nothing in another`() async throws {
            let place = try await Place()
            let (one, _) = try await place.person(.resident)
            let (two, _) = try await place.person(.resident)
            #expect(
                try await two.post("/account/profile", ["name": "x", "version": "0"], token: one.token).status == 403)
        }

        @Test func `every page forbids scripts and frames of others (W10)`() async throws {
            let place = try await Place()
            let (browser, _) = try await place.person(.distributorAdmin)
            for path in ["/", "/dashboard", "/api/v1/me", "/no/such/page", "/api/v1/nothing"] {
                let answer = try await browser.get(path)
                let policy = answer.headers[values: HTTPField.Name("Content-Security-Policy")!].joined()
                #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "\(path)")
                #expect(!policy.contains("unsafe"))
                #expect(answer.headers[values: HTTPField.Name("X-Content-Type-Options")!] == ["nosniff"])
            }
        }

        @Test func `what people type is shown, never run (W10)`() async throws {
            let place = try await Place()
            let (browser, identity) = try await place.person(.organizationAdmin)
            let attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
            let saved = try await browser.post(
                "/account/profile", ["name": attack, "version": "\(identity.version)"])
            #expect(saved.status == 303)
            for path in ["/account", "/dashboard", "/organization", "/audit"] {
                let page = try await browser.get(path)
                #expect(page.status == 200)
                #expect(!page.text.contains("<script>alert") && !page.text.contains("<img src=x"), "\(path)")
            }
        }
    }
}
