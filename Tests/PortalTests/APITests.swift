import Accounts
import DemandResponse
import HTTPTypes
import Measures
import Persistence
import Testing

@testable import Portal

extension PortalTests {
    @Suite struct APITests {
        /// A program with a token of a new person.
        private func program(_ place: Place, _ role: Role, writes: Bool = true) async throws -> (
            browser: Browser, token: String, identity: PortalIdentity
        ) {
            let (browser, identity) = try await place.person(role)
            let page = try await browser.post(
                "/account/tokens", writes ? ["name": "t", "days": "9", "writes": "on"] : ["name": "t", "days": "9"])
            return (Browser(place), try LoginTests.token(in: page), identity)
        }

        @Test func `programs log in, exchange tokens, and a token that comes twice ends the chain`() async throws {
            let place = try await Place()
            let (_, identity) = try await place.person(.resident)
            let client = Browser(place)
            let login = try await client.call(
                .post, "/api/v1/auth/login", ["email": .text(identity.email), "password": .text(Place.password)])
            #expect(login.status == 200)
            let access = try #require(login["accessToken"]?.text)
            let refresh = try #require(login["refreshToken"]?.text)
            #expect(try await client.call(.get, "/api/v1/me", bearer: access)["email"] == .text(identity.email))
            let second = try await client.call(.post, "/api/v1/auth/refresh", ["refreshToken": .text(refresh)])
            let next = try #require(second["refreshToken"]?.text)
            // The first one again: somebody stole it.
            #expect(
                try await client.call(.post, "/api/v1/auth/refresh", ["refreshToken": .text(refresh)]).status == 401)
            #expect(try await client.call(.post, "/api/v1/auth/refresh", ["refreshToken": .text(next)]).status == 401)
            place.clock.advance(.minutes(10))
            #expect(try await client.call(.get, "/api/v1/me", bearer: access).status == 401)
        }

        @Test(arguments: [
            "x", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "curtail_short",
            "curtail_" + String(repeating: "A", count: 43),
        ])
        func `a forged token is refused`(_ token: String) async throws {
            let place = try await Place()
            let answer = try await Browser(place).call(.get, "/api/v1/me", bearer: token)
            #expect(answer.status == 401 && answer.headers[.contentType] == "application/problem+json")
        }

        @Test func `a token that only reads changes nothing`() async throws {
            let place = try await Place()
            let (client, token, _) = try await program(place, .distributorAdmin, writes: false)
            #expect(try await client.call(.get, "/api/v1/meters", bearer: token).status == 200)
            let body: JSONValue = ["name": "m", "zone": "Europe/Berlin", "stepSeconds": .integer(900)]
            #expect(try await client.call(.post, "/api/v1/meters", bearer: token, body).status == 403)
        }

        @Test func `the same creation twice makes one thing and gives one answer`() async throws {
            let place = try await Place()
            let (client, token, _) = try await program(place, .distributorAdmin)
            let key = try #require(HTTPField.Name("Idempotency-Key"))
            let body: JSONValue = ["name": "once-only", "zone": "Europe/Berlin", "stepSeconds": .integer(900)]
            let first = try await client.call(.post, "/api/v1/meters", bearer: token, body, headers: [key: "k1"])
            let second = try await client.call(.post, "/api/v1/meters", bearer: token, body, headers: [key: "k1"])
            #expect(first.status == 201 && second.status == 201 && first.text == second.text)
            #expect(first.location == second.location)
            let other: JSONValue = ["name": "another", "zone": "Europe/Berlin", "stepSeconds": .integer(900)]
            #expect(
                try await client.call(.post, "/api/v1/meters", bearer: token, other, headers: [key: "k1"]).status == 422
            )
            #expect(try await place.count("SELECT COUNT(*) AS n FROM meters WHERE name = 'once-only'") == 1)
        }

        @Test func `a field that nobody asked for is refused (W8)`() async throws {
            let place = try await Place()
            let (client, token, identity) = try await program(place, .organizationMember)
            for field in ["role", "org_id", "approval_status", "isAdmin"] {
                let body: JSONValue = ["name": "x", "notifyEvents": .boolean(true), "\(field)": "admin"]
                var object = body
                if case .object(var members) = body {
                    members[field] = "admin"
                    object = .object(members)
                }
                let answer = try await client.call(
                    .patch, "/api/v1/me", bearer: token, object, headers: [.ifMatch: "\"\(identity.version)\""])
                #expect(answer.status == 400 && answer["errors", field] != nil)
            }
        }

        @Test func `a change says which version it is about`() async throws {
            let place = try await Place()
            let (client, token, _) = try await program(place, .resident)
            let me = try await client.call(.get, "/api/v1/me", bearer: token)
            let tag = try #require(me.headers[.eTag])
            let body: JSONValue = ["name": "New", "notifyEvents": .boolean(false)]
            #expect(try await client.call(.patch, "/api/v1/me", bearer: token, body).status == 428)
            let changed = try await client.call(.patch, "/api/v1/me", bearer: token, body, headers: [.ifMatch: tag])
            #expect(changed.status == 200 && changed["name"] == "New")
            #expect(
                try await client.call(.patch, "/api/v1/me", bearer: token, body, headers: [.ifMatch: tag]).status == 412
            )
            let unchanged = try await client.call(
                .get, "/api/v1/me", bearer: token, headers: [.ifNoneMatch: changed.headers[.eTag] ?? ""])
            #expect(unchanged.status == 304 && unchanged.text.isEmpty)
        }

        @Test func `lists come in pages that meet`() async throws {
            let place = try await Place()
            let (client, token, _) = try await program(place, .utilityOperator)
            for _ in 0..<5 { _ = try await Site(place, entity: nil) }
            for path in ["/api/v1/meters", "/api/v1/events", "/api/v1/vens", "/api/v1/rewards"] {
                let whole = try await client.call(.get, "\(path)?limit=200", bearer: token)
                guard case .array(let all)? = whole["data"] else { throw Missing() }
                var seen: [JSONValue] = []
                var next = ""
                repeat {
                    let page = try await client.call(
                        .get, "\(path)?limit=2\(next.isEmpty ? "" : "&after=\(next)")", bearer: token)
                    guard case .array(let rows)? = page["data"] else { throw Missing() }
                    seen += rows
                    next = page["next"]?.text ?? ""
                } while !next.isEmpty && seen.count < 2_000
                #expect(seen.count >= all.count && Set(seen).count == seen.count, "\(path)")
            }
        }

        @Test func `an operator calls, moves and cancels an event, and the audit says so`() async throws {
            let place = try await Place()
            let (client, token, identity) = try await program(place, .utilityOperator)
            let site = try await Site(place, entity: nil)
            let body: JSONValue = [
                "id": "api-event-1", "start": .text((place.clock.now() + .hours(5)).description),
                "durationSeconds": .integer(3_600),
                "participants": [["ven": .text(site.ven), "reduceKilowatts": .number(2.5)]],
            ]
            let made = try await client.call(.post, "/api/v1/events", bearer: token, body)
            #expect(made.status == 201 && made["status"] == "far" && made["version"] == .integer(0), "\(made.text)")
            let change: JSONValue = [
                "start": .text((place.clock.now() + .hours(6)).description), "durationSeconds": .integer(1_800),
            ]
            let moved = try await client.call(
                .patch, "/api/v1/events/api-event-1", bearer: token, change, headers: [.ifMatch: "\"0\""])
            #expect(moved.status == 200 && moved["version"] == .integer(1))
            #expect(
                try await client.call(
                    .patch, "/api/v1/events/api-event-1", bearer: token, change, headers: [.ifMatch: "\"0\""]
                ).status == 412)
            let cancelled = try await client.call(.delete, "/api/v1/events/api-event-1", bearer: token)
            #expect(cancelled["status"] == "cancelled")
            let audit = try await client.call(.get, "/api/v1/audit?subject=event%20api-event-1", bearer: token)
            guard case .array(let lines)? = audit["data"] else { throw Missing() }
            #expect(lines.count == 3)
            #expect(
                lines.allSatisfy {
                    if case .object(let line) = $0 { line["actor"] == .text(identity.email) } else { false }
                })
        }

        @Test func `a series has every value, its baseline, its events, and sums by day`() async throws {
            let place = try await Place()
            let (browser, identity) = try await place.person(.resident)
            let site = try await Site(place, entity: identity.account.rawValue)
            let from = (place.clock.now() - .days(2)).description
            let to = place.clock.now().description
            let path = "/api/v1/meters/\(site.meter.rawValue)/series?from=\(from)&to=\(to)"
            let series = try await browser.get(path)
            guard case .array(let values)? = series["values"] else { throw Missing() }
            #expect(values.count == 192 && series["unit"] == "kW")
            let thin = try await browser.get("\(path)&points=20")
            guard case .array(let few)? = thin["values"] else { throw Missing() }
            #expect(few.count <= 20)
            let days = try await browser.get("\(path)&resolution=1d")
            guard case .array(let sums)? = days["values"] else { throw Missing() }
            #expect(days["unit"] == "kWh" && sums.count == 3)
            for bad in [
                "from=0818-05-08T15:31:30Z", "to=9999-12-31T00:00:00Z", "points=1", "points=x", "resolution=2d",
                "from=yesterday", "colour=red",
            ] {
                #expect(
                    try await browser.get("/api/v1/meters/\(site.meter.rawValue)/series?\(bad)").status == 400, "\(bad)"
                )
            }
        }

        @Test func `the description says what there is`() async throws {
            let place = try await Place()
            let document = try await Browser(place).get("/api/openapi.json")
            guard case .object(let paths)? = document["paths"] else { throw Missing() }
            let described = paths.values.reduce(0) {
                if case .object(let methods) = $1 { $0 + methods.count } else { $0 }
            }
            #expect(described == RouteTable.all.count { $0.operation != nil })
            let page = try await Browser(place).get("/api/docs")
            #expect(
                page.status == 200
                    && RouteTable.all.filter { $0.operation != nil }.allSatisfy {
                        page.text.contains("<code>\($0.path)</code>")
                    })
        }

        @Test func `what is not JSON is refused with 415, as the description says`() async throws {
            let place = try await Place()
            let (client, token, _) = try await program(place, .distributorAdmin)
            #expect(try await client.call(.post, "/api/v1/meters", bearer: token).status == 415)
            for route in RouteTable.all {
                guard let operation = route.operation, operation.body != nil else { continue }
                #expect(operation.refusals(of: route).contains(.unsupportedMediaType), "\(route.path)")
            }
        }

        @Test(arguments: [
            "/api/v1/meters?limit=0", "/api/v1/meters?limit=9999", "/api/v1/meters?after=!!",
            "/api/v1/meters?limit=1&limit=2",
            "/api/v1/events?after=AAAA", "/api/v1/meters?name=%ff", "/api/v1/meters?name=%00",
            "/api/v1/meters?x='%20OR%201=1",
            "/api/v1/events?after=\(Base64URL.encode(Array("0818-05-08T15:31:30Z e".utf8)))",
        ])
        func `bad queries are refused, never a failure (W1)`(_ path: String) async throws {
            let place = try await Place()
            let (client, token, _) = try await program(place, .analyst)
            let answer = try await client.call(.get, path, bearer: token)
            #expect(answer.status == 400 && answer.headers[.contentType] == "application/problem+json")
        }

        @Test func `a path takes its methods only`() async throws {
            let place = try await Place()
            let answer = try await Browser(place).call(.put, "/api/v1/meters")
            #expect(answer.status == 405 && answer.headers[.allow] == "GET, POST")
        }
    }
}

struct Missing: Error {}
