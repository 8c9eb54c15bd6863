import Accounts
import DemandResponse
import HTTPTypes
import MariaDB
import Measures
import OpenADR
import Persistence
import Testing
import VirtualTopNode

@testable import Portal

extension PortalTests {
    @Suite struct RecordTests {
        private func rows(_ answer: Answer) throws -> [JSONValue] {
            guard answer.status == 200, case .array(let rows)? = answer["data"] else { throw Missing() }
            return rows
        }

        private func member(_ row: JSONValue, _ name: String) -> JSONValue? {
            if case .object(let members) = row { members[name] } else { nil }
        }

        /// An opt, a report and a forecast of a site, which has a baseline and a settlement already.
        private func record(_ place: Place, _ site: Site) async throws {
            let ven: MariaDBValue = .text(site.ven)
            let meter: MariaDBValue = .integer(site.meter.rawValue)
            _ = try await place.pool.execute(
                """
                INSERT INTO opts (ven_id, opt_id, created_at, opt_type, reason, market_context, resources, windows,
                    received_at, state, device_classes)
                SELECT ?, 'opt-1', '2026-06-30 10:00:00', 'optOut', 'notParticipating', NULL, '[]', '[]',
                    '2026-06-30 10:00:01', 'inForce', '[]'
                """, [ven])
            _ = try await place.pool.execute(
                """
                INSERT INTO report_requests (ven_id, request_id, specifier_id, data_points, granularity_seconds,
                    back_duration_seconds, start_time, duration_seconds, state, created_at)
                VALUES (?, CONCAT('request-', ?), 'usage', '[]', 900, 900, '2026-06-30', 0, 'accepted', '2026-06-30')
                """, [ven, ven])
            let forecast = try await place.pool.execute(
                "INSERT INTO forecasts (meter_id, model, made_at) VALUES (?, 'ARIMA(1,0,0)', '2026-06-30')", [meter]
            ).lastInsertID
            _ = try await place.pool.execute(
                """
                INSERT INTO forecast_intervals (forecast_id, start_time, end_time, mean_value, standard_error, lower_80,
                    upper_80, lower_95, upper_95)
                VALUES (?, '2026-07-01 00:00:00', '2026-07-01 00:15:00', 1000, 10, 990, 1010, 980, 1020)
                """, [.integer(forecast)])
        }

        @Test(arguments: ["opts", "reports", "forecasts", "baselines", "certificates"])
        func `records are their owners' and the distributor's`(_ noun: String) async throws {
            let place = try await Place()
            let (owner, identity) = try await place.person(.resident)
            let (stranger, _) = try await place.person(.resident)
            let site = try await Site(place, entity: identity.account.rawValue)
            try await record(place, site)
            #expect(try rows(try await owner.get("/api/v1/\(noun)")).count == 1)
            #expect(try rows(try await stranger.get("/api/v1/\(noun)")).isEmpty)
            let (analyst, _) = try await place.person(.analyst)
            let other = try await Site(place, entity: nil)
            try await record(place, other)
            var seen: [JSONValue] = []
            var next = ""
            repeat {
                let page = try await analyst.get("/api/v1/\(noun)?limit=1\(next.isEmpty ? "" : "&after=\(next)")")
                seen += try rows(page)
                next = page["next"]?.text ?? ""
            } while !next.isEmpty && seen.count < 500
            #expect(seen.count >= 2 && Set(seen).count == seen.count, "\(noun): \(seen.count)")
        }

        @Test(arguments: ["opts", "reports", "certificates", "baselines", "settlements"])
        func `a cursor that is none of ours is refused`(_ noun: String) async throws {
            let place = try await Place()
            let (browser, _) = try await place.person(.analyst)
            for cursor in ["!!", "AAAA", Base64URL.encode(Array("a\nb\nc\nd".utf8)), "\u{FF}"] {
                let answer = try await browser.get("/api/v1/\(noun)?after=\(Links.encode(cursor))")
                // One word is a key where the key is one word.
                #expect(answer.status == 400 || noun == "certificates" && answer.status == 200, "\(noun) \(cursor)")
            }
        }

        @Test func `a stream tells the events that one sees, and only those`() async throws {
            let place = try await Place()
            let (browser, identity) = try await place.person(.resident)
            let mine = try await Site(place, entity: identity.account.rawValue)
            let other = try await Site(place, entity: nil)
            let answer = try await browser.get("/api/v1/stream?seconds=1")
            #expect(answer.headers[.contentType] == "text/event-stream")
            #expect(answer.text.contains("event: event\ndata: {"))
            #expect(answer.text.contains(mine.event) && !answer.text.contains(other.event))
            #expect(try await browser.get("/api/v1/stream?seconds=0").status == 400)
        }

        @Test func `so many streams are open at a time, and a closed one makes room`() {
            let streams = OpenStreams()
            var places = (0..<3).map { _ in streams.enter(3) }
            #expect(places.allSatisfy { $0 != nil } && streams.enter(3) == nil)
            places.removeLast()
            #expect(streams.enter(3) != nil)
        }

        @Test func `the people whose meters are called hear of it, unless they do not want to`() async throws {
            let place = try await Place()
            let (_, wants) = try await place.person(.resident)
            let (silent, doesNot) = try await place.person(.resident)
            let sites = [
                try await Site(place, entity: wants.account.rawValue),
                try await Site(place, entity: doesNot.account.rawValue),
            ]
            _ = try await silent.post("/account/profile", ["name": "", "version": "\(doesNot.version)"])
            let (caller, _) = try await place.person(.utilityOperator)
            let id = "mail-\(sites[0].meter.rawValue)"
            let body: JSONValue = [
                "id": .text(id), "start": .text((place.clock.now() + .hours(5)).description),
                "durationSeconds": .integer(3_600),
                "participants": .array(
                    sites.map { ["ven": .text($0.ven), "reduceKilowatts": .number(1)] }),
            ]
            var headers = Headers.form(caller)
            let made = try await caller.call(.post, "/api/v1/events", body, headers: headers)
            #expect(made.status == 201, "\(made.text)")
            let mail = try #require(try await place.mail(to: wants.email))
            #expect(mail.subject == "Event \(id)" && mail.text.contains("/events/\(id)") && mail.text.contains("1 h"))
            #expect(try await place.mail(to: doesNot.email) == nil)
            headers[.ifMatch] = "\"0\""
            #expect(try await caller.call(.delete, "/api/v1/events/\(id)", headers: headers).status == 200)
            #expect(try await place.mail(to: wants.email)?.subject == "Cancelled: event \(id)")
        }

        @Test func `a VEN is called for a test, which mails nobody, and its page has what was said`() async throws {
            let place = try await Place()
            let (_, owner) = try await place.person(.resident)
            let site = try await Site(place, entity: owner.account.rawValue)
            let (caller, _) = try await place.person(.utilityOperator)
            let called = try await caller.post("/vens/\(site.ven)/test", [:])
            #expect(called.status == 303 && called.location.contains("/events/test-"), "\(called.text.prefix(800))")
            #expect(try await place.mail(to: owner.email) == nil)
            let id = String(called.location.split(separator: "/")[1].prefix { $0 != "?" })
            try await PayloadLogStore(place.pool).append([
                WireRecord(
                    at: place.clock.now(), direction: .sent, venID: VENID(site.ven), message: "oadrDistributeEvent",
                    status: 200, bytes: Array("<oadr:eventID>\(id)</oadr:eventID><script>".utf8))
            ])
            for path in ["/vens/\(site.ven)", "/events/\(id)/messages"] {
                let page = try await caller.get(path)
                #expect(page.text.contains("oadrDistributeEvent") && page.text.contains("&lt;oadr:eventID&gt;\(id)"))
                #expect(!page.text.contains("<script>"))
            }
        }

        @Test func `an event's page draws its load against the baseline`() async throws {
            let place = try await Place()
            let (browser, identity) = try await place.person(.resident)
            let site = try await Site(place, entity: identity.account.rawValue)
            try await record(place, site)
            // The event begins in two hours; its plot begins three hours before that.
            let page = try await browser.get("/events/\(site.event)")
            #expect(page.status == 200 && page.text.contains("Load of 1 meter(s)"))
            // One drawing for wide screens, one for phones.
            #expect(page.text.contains("\"load-title\"") && page.text.contains("\"load-narrow-title\""))
        }

        @Test func `the verbs give what the nouns give`() async throws {
            let place = try await Place()
            let (browser, identity) = try await place.person(.resident)
            let site = try await Site(place, entity: identity.account.rawValue)
            #expect(try await browser.get("/api/v1/auth/profile").text == (try await browser.get("/api/v1/me").text))
            let status = try await browser.get("/api/v1/energy/status")
            #expect(status["meters"] == .integer(1) && status["latestReading"] != .null)
            let history = try await browser.get("/api/v1/energy/history?resolution=1mo")
            guard case .array(let months)? = history["values"] else { throw Missing() }
            // 192 readings of 1000 to 1950 Wh.
            let total = months.reduce(0.0) { sum, row in
                guard case .array(let pair) = row else { return sum }
                switch pair.last {
                case .number(let value)?: return sum + value
                case .integer(let value)?: return sum + Double(value)
                default: return sum
                }
            }
            #expect(months.count >= 1 && abs(total - 283.2) < 0.001, "\(history.text)")
            #expect(site.event.isEmpty == false)
        }
    }
}

/// Headers of requests that a page's script sends.
enum Headers {
    static func form(_ browser: Browser) -> HTTPFields {
        var fields: HTTPFields = [:]
        if let name = HTTPField.Name("X-Form-Token") { fields[name] = browser.token }
        return fields
    }
}
