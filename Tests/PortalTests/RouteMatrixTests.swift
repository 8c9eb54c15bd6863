import Accounts
import DemandResponse
import HTTPTypes
import Measures
import Persistence
import Testing

@testable import Portal

/// What the matrix expects of a route. It is written down here once more, apart from the route table: a route that is
/// opened by mistake disagrees with it, and one that is not listed fails the test.
private enum Rule {
    /// Everyone, logged in or not.
    case open
    /// Everyone who is logged in.
    case loggedIn
    /// These roles.
    case roles(Set<Role>)
    /// These roles, for what is their own; what is not is not there.
    case own(Set<Role>)
}

private let everyone = Set(Role.allCases)
private let utility: Set<Role> = [.analyst, .utilityOperator, .distributorAdmin]
private let callers: Set<Role> = [.utilityOperator, .distributorAdmin]
private let admins: Set<Role> = [.organizationAdmin, .distributorAdmin]
private let distributor: Set<Role> = [.distributorAdmin]
private let editors: Set<Role> = [.resident, .organizationAdmin, .utilityOperator, .distributorAdmin]

private let rules: [String: Rule] = [
    "GET /": .open, "GET /assets/{file}": .open, "GET /favicon.ico": .open, "GET /robots.txt": .open,
    "GET /login": .open, "POST /login": .open, "GET /login/code": .open, "POST /login/code": .open,
    "POST /logout": .open,
    "GET /register": .open, "POST /register": .open, "GET /verify": .open, "POST /verify": .open,
    "GET /password/forgot": .open, "POST /password/forgot": .open, "GET /password/reset": .open,
    "POST /password/reset": .open, "GET /invitation": .open, "POST /invitation": .open,
    "GET /api/openapi.json": .open, "GET /api/docs": .open, "POST /api/v1/auth/login": .open,
    "POST /api/v1/auth/refresh": .open, "POST /api/v1/auth/logout": .open,

    "GET /account": .loggedIn, "POST /account/profile": .loggedIn, "POST /account/password": .loggedIn,
    "POST /account/factor/begin": .loggedIn, "POST /account/factor/confirm": .loggedIn,
    "POST /account/factor/remove": .loggedIn, "POST /account/sessions/end": .loggedIn,
    "POST /account/tokens": .loggedIn,
    "POST /account/tokens/{token}/revoke": .own(everyone), "GET /account/data.json": .loggedIn,
    "POST /account/delete": .loggedIn, "GET /api/v1/me": .loggedIn, "PATCH /api/v1/me": .loggedIn,
    "GET /api/v1/users": .loggedIn, "GET /api/v1/organizations": .loggedIn,
    "GET /dashboard": .loggedIn, "GET /meters": .loggedIn, "GET /events": .loggedIn, "GET /calendar": .loggedIn,
    "GET /programs": .loggedIn, "GET /rewards": .loggedIn, "GET /rewards.csv": .loggedIn, "GET /audit": .loggedIn,
    "GET /api/v1/meters": .loggedIn, "GET /api/v1/events": .loggedIn, "GET /api/v1/vens": .loggedIn,
    "GET /api/v1/programs": .loggedIn, "GET /api/v1/rewards": .loggedIn, "GET /api/v1/audit": .loggedIn,

    "GET /meters/{meter}": .own(everyone), "GET /meters/{meter}/readings": .own(everyone),
    "GET /meters/{meter}/readings.csv": .own(everyone), "GET /meters/{meter}/plot.svg": .own(everyone),
    "GET /api/v1/meters/{meter}": .own(everyone), "GET /api/v1/meters/{meter}/readings": .own(everyone),
    "GET /api/v1/meters/{meter}/series": .own(everyone), "GET /events/{event}": .own(everyone),
    "GET /events/{event}/state": .own(everyone), "GET /api/v1/events/{event}": .own(everyone),
    "GET /api/v1/events/{event}/participations": .own(everyone), "GET /api/v1/vens/{ven}": .own(everyone),
    "GET /rewards/{reward}": .own(everyone), "GET /api/v1/rewards/{reward}": .own(everyone),
    "GET /api/v1/users/{user}": .own(everyone), "GET /api/v1/organizations/{organization}": .own(everyone),

    "GET /vens": .roles(utility), "GET /vens/{ven}": .own(utility), "GET /system": .roles(utility),
    "GET /events/new": .roles(callers), "POST /events/preview": .roles(callers), "POST /events": .roles(callers),
    "POST /events/{event}/modify": .own(callers), "POST /events/{event}/cancel": .own(callers),
    "GET /events/{event}/messages": .own(utility), "POST /vens/{ven}/test": .own(callers),
    "GET /api/v1/stream": .loggedIn, "GET /api/v1/auth/profile": .loggedIn, "GET /api/v1/energy/status": .loggedIn,
    "GET /api/v1/energy/history": .loggedIn, "GET /api/v1/energy/predictions": .loggedIn,
    "GET /api/v1/admin/overview": .roles(utility), "GET /api/v1/admin/logs": .roles(utility),
    "POST /vens/{ven}/reregister": .own(callers), "POST /api/v1/events": .roles(callers),
    "PATCH /api/v1/events/{event}": .own(callers), "DELETE /api/v1/events/{event}": .own(callers),

    "GET /imports": .loggedIn, "GET /imports/{import}": .own(everyone), "GET /jobs": .loggedIn,
    "GET /jobs/{job}": .own(everyone), "POST /imports": .roles(editors), "GET /imports/uploads/{upload}": .own(editors),
    "POST /imports/uploads/{upload}": .own(editors), "POST /imports/{import}/undo": .own(editors),
    "GET /api/v1/imports": .loggedIn, "POST /api/v1/imports": .roles(editors),
    "GET /api/v1/imports/{import}": .own(everyone), "POST /api/v1/imports/{import}/undo": .own(editors),
    "GET /api/v1/jobs": .loggedIn, "GET /api/v1/jobs/{job}": .own(everyone),
    "POST /meters/{meter}/readings": .own(editors), "POST /meters/{meter}/edits/{edit}/undo": .own(editors),
    "GET /api/v1/meters/{meter}/edits": .own(everyone), "POST /api/v1/meters/{meter}/edits": .own(editors),
    "POST /api/v1/meters/{meter}/edits/{edit}/undo": .own(editors),

    "GET /api/v1/opts": .loggedIn, "GET /api/v1/reports": .loggedIn, "GET /api/v1/certificates": .loggedIn,
    "GET /api/v1/forecasts": .loggedIn, "GET /api/v1/baselines": .loggedIn, "GET /api/v1/settlements": .loggedIn,

    "GET /organization": .roles(admins), "POST /organization/invite": .roles(admins),
    "POST /people/{person}/decide": .own(admins), "POST /people/{person}/role": .own(admins),
    "POST /api/v1/users/{user}/decision": .own(admins),
    "GET /admin": .roles(distributor), "POST /organizations/{organization}/decide": .own(distributor),
    "POST /api/v1/organizations/{organization}/decision": .own(distributor), "POST /admin/meters": .roles(distributor),
    "POST /meters/{meter}/assign": .own(distributor), "POST /api/v1/meters": .roles(distributor),
]

/// Bodies without which a request is refused before anyone looks at what it is about.
private let forms: [String: KeyValuePairs<String, String>] = [
    "POST /people/{person}/decide": ["approval": "approved"], "POST /people/{person}/role": ["role": "member"],
    "POST /organizations/{organization}/decide": ["approval": "approved"],
    "POST /meters/{meter}/readings": ["start": "2026-06-30T12:00:00Z", "kwh": "1", "reason": "test"],
]
private let bodies: [String: JSONValue] = [
    "POST /api/v1/users/{user}/decision": ["approval": "approved"],
    "POST /api/v1/organizations/{organization}/decision": ["approval": "approved"],
    "POST /api/v1/meters/{meter}/edits": [
        "start": "2026-06-30T12:00:00Z", "energyWh": .integer(1), "reason": "test",
    ],
    "PATCH /api/v1/events/{event}": ["start": "2026-07-01T15:00:00Z", "durationSeconds": .integer(600)],
]

/// Everything that a path can name, as one viewer has it.
private struct Things {
    var names: [String: String] = [:]

    func path(_ pattern: String) -> String {
        pattern.split(separator: "/", omittingEmptySubsequences: false).map { part in
            part.hasPrefix("{") ? names[String(part.dropFirst().dropLast())] ?? "1" : String(part)
        }.joined(separator: "/")
    }
}

extension PortalTests {
    @Suite struct RouteMatrixTests {
        @Test func `every route is listed, and nothing is listed that is none`() {
            let routes = Set(RouteTable.all.map { "\($0.method.rawValue) \($0.path)" })
            #expect(routes.count == RouteTable.all.count, "a route is there twice")
            #expect(routes.subtracting(rules.keys).isEmpty, "not listed: \(routes.subtracting(rules.keys).sorted())")
            #expect(
                Set(rules.keys).subtracting(routes).isEmpty, "no route: \(Set(rules.keys).subtracting(routes).sorted())"
            )
        }

        @Test func `nobody comes in without a login (W7)`() async throws {
            let place = try await Place()
            let site = try await Site(place, entity: nil)
            let things = Things(names: names(site, person: 1, organization: 1, token: 1))
            let browser = Browser(place)
            for route in RouteTable.all where !isOpen(route) {
                _ = try await browser.get("/login")
                let answer = try await send(route, things, browser)
                let isRefused = answer.status == 401 || answer.status == 303 && answer.location.hasPrefix("/login")
                #expect(isRefused, "\(route.method.rawValue) \(route.path) gave \(answer.status)")
            }
        }

        @Test(arguments: Role.allCases)
        func `a role does what it may to what is its own, and nothing else (W7)`(_ role: Role) async throws {
            let place = try await Place()
            let (_, head) = try await place.person(.distributorAdmin)
            let (browser, identity) = try await place.person(role, organization: "Matrix \(role.rawValue)")
            let (_, stranger) = try await place.person(.organizationMember)
            let colleague = try await colleague(of: identity, role, place)
            let own = try await Site(
                place,
                entity: role == .resident || identity.organization != head.organization
                    ? (identity.organization?.rawValue ?? identity.account.rawValue) : nil)
            let other = try await Site(place, entity: stranger.organization?.rawValue)
            let token = try await place.portal.apiTokens.create(
                TestBytes.random(32), named: "own", isReadOnly: true, lifetime: .days(1), of: identity.account,
                origin: place.origin)
            let foreignToken = try await place.portal.apiTokens.create(
                TestBytes.random(32), named: "foreign", isReadOnly: true, lifetime: .days(1), of: stranger.account,
                origin: place.origin)
            let ownWork = try await Work(place, account: identity.account, meter: own.meter)
            let foreignWork = try await Work(place, account: stranger.account, meter: other.meter)
            var ownThings = Things(
                names: names(
                    own, person: colleague,
                    organization: (role == .distributorAdmin ? stranger.organization : identity.organization)?.rawValue
                        ?? 1, token: token))
            ownThings.names.merge(ownWork.names) { one, _ in one }
            var foreign = Things(
                names: names(
                    other, person: stranger.account.rawValue, organization: stranger.organization?.rawValue ?? 1,
                    token: foreignToken))
            foreign.names.merge(foreignWork.names) { one, _ in one }
            for route in RouteTable.all where route.path != "/logout" {
                // The limit of attempts counts in a minute; the matrix makes more of them.
                place.clock.advance(.seconds(5))
                _ = try await browser.get("/account")
                try await check(route, role, browser, own: ownThings, foreign: foreign)
            }
        }

        private func check(_ route: Route, _ role: Role, _ browser: Browser, own: Things, foreign: Things) async throws
        {
            let name = "\(route.method.rawValue) \(route.path)"
            let rule = try #require(rules[name])
            let mine = try await send(route, own, browser).status
            switch rule {
            case .open: #expect(mine < 500, "\(role): \(name) gave \(mine)")
            case .loggedIn: #expect(mine < 500 && mine != 401, "\(role): \(name) gave \(mine)")
            case .roles(let roles):
                #expect((mine == 403) != roles.contains(role) && mine < 500, "\(role): \(name) gave \(mine)")
            case .own(let roles):
                guard roles.contains(role) else {
                    #expect(mine == 403, "\(role): \(name) of its own gave \(mine)")
                    return
                }
                let isThere = hasOwn(route, role)
                #expect(
                    isThere ? ![401, 403, 404].contains(mine) && mine < 500 : mine == 404,
                    "\(role): \(name) of its own gave \(mine)")
                _ = try await browser.get("/account")
                let foreignStatus = try await send(route, foreign, browser).status
                let isReached = reachesForeign(route, role)
                #expect(
                    isReached ? foreignStatus < 500 && foreignStatus != 404 : foreignStatus == 404,
                    "\(role): \(name) of another one gave \(foreignStatus)")
            }
        }

        /// A resident has no organization.
        private func hasOwn(_ route: Route, _ role: Role) -> Bool {
            !(role == .resident && route.path.contains("{organization}"))
        }

        /// The distributor's people reach everything but other people's tokens; its admin alone reaches people.
        private func reachesForeign(_ route: Route, _ role: Role) -> Bool {
            if route.path.contains("{token}") || route.path.contains("{upload}") { return false }
            if route.path.contains("{user}") || route.path.contains("{person}") { return role == .distributorAdmin }
            return utility.contains(role)
        }

        private func isOpen(_ route: Route) -> Bool {
            if case .open? = rules["\(route.method.rawValue) \(route.path)"] { return true }
            return false
        }

        private func names(_ site: Site, person: Int64, organization: Int64, token: Int64) -> [String: String] {
            [
                "meter": "\(site.meter.rawValue)", "event": site.event, "ven": site.ven, "reward": "\(site.reward)",
                "person": "\(person)", "user": "\(person)", "organization": "\(organization)", "token": "\(token)",
                "file": "portal.css",
            ]
        }

        /// Someone else whom the role reaches, or the person itself.
        private func colleague(of identity: PortalIdentity, _ role: Role, _ place: Place) async throws -> Int64 {
            switch role {
            case .organizationAdmin:
                return try await place.person(.organizationMember, organization: identity.organizationName).identity
                    .account.rawValue
            case .distributorAdmin: return try await place.person(.analyst).identity.account.rawValue
            default: return identity.account.rawValue
            }
        }

        private func send(_ route: Route, _ things: Things, _ browser: Browser) async throws -> Answer {
            let name = "\(route.method.rawValue) \(route.path)"
            let path = things.path(route.path)
            if route.method == .get { return try await browser.get(path) }
            if route.audience == .people { return try await browser.post(path, forms[name] ?? [:]) }
            var headers: HTTPFields = [:]
            if let field = HTTPField.Name("X-Form-Token") { headers[field] = browser.token }
            if route.path.contains("{event}") { headers[.ifMatch] = "\"0\"" }
            return try await browser.call(route.method, path, bodies[name] ?? [:], headers: headers)
        }
    }
}
