import Accounts
import DemandResponse
import Foundation
import HTTPTypes
import MariaDB
import Measures
import Persistence
import Testing

@testable import Portal

extension Browser {
    /// A form with a file, as a browser without scripts sends it.
    func send(
        file: [UInt8], named name: String = "readings.csv", _ fields: KeyValuePairs<String, String> = [:],
        to path: String = "/imports", token: String? = nil
    ) async throws -> Answer {
        let boundary = "----test\(name.utf8.count)boundary"
        var body: [UInt8] = []
        for (key, value) in fields.map({ ($0.key, $0.value) }) + [("token", token ?? self.token)] {
            body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(key)\"\r\n\r\n\(value)\r\n".utf8
        }
        body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n".utf8
        body += "Content-Type: text/csv\r\n\r\n".utf8
        body += file
        body += "\r\n--\(boundary)--\r\n".utf8
        var headers: HTTPFields = [:]
        headers[.contentType] = "multipart/form-data; boundary=\(boundary)"
        return try await send(.post, path, headers: headers, bytes: body)
    }
}

extension PortalTests {
    /// One after the other: jobs are everybody's.
    @Suite(.serialized) struct ImportTests {
        /// Twenty quarters of an hour; the third value is the one that is given.
        private func table(_ third: String = "0.75", day: String = "2026-05-01") -> [UInt8] {
            let start = Instant(utc: "\(day)T00:00:00Z") ?? Instant(secondsSinceEpoch: 0)
            let rows = (0..<20).map { "\(start + .minutes(15 * Int64($0))),\($0 == 2 ? third : "0.25")\n" }
            return Array("time,kWh\n\(rows.joined())".utf8)
        }

        private func resident(_ place: Place) async throws -> (browser: Browser, site: Site, identity: PortalIdentity) {
            let (browser, identity) = try await place.person(.resident)
            return (browser, try await Site(place, entity: identity.account.rawValue), identity)
        }

        private func count(_ place: Place, _ meter: MeterID) async throws -> Int64 {
            try await place.count(
                "SELECT COUNT(*) AS n FROM meter_data WHERE meter_id = ? AND start_time < '2026-06-01'",
                [.integer(meter.rawValue)])
        }

        @Test func `a file is looked at, imported by a job, and taken back`() async throws {
            let place = try await Place()
            let (browser, site, _) = try await resident(place)
            _ = try await browser.get("/imports?meter=\(site.meter.rawValue)")
            let sent = try await browser.send(file: table(), ["meter": "\(site.meter.rawValue)"])
            #expect(sent.status == 303, "\(sent.text.prefix(1_500))")
            let preview = try await browser.get(sent.location)
            #expect(preview.text.contains("Import 20 values") && preview.text.contains("0.750"))
            #expect(try await count(place, site.meter) == 0)
            let asked = try await browser.post(sent.location, [:])
            #expect(asked.location.hasPrefix("/jobs/"))
            #expect(try await browser.get(asked.location).text.contains("waiting"))
            while await JobRunner(place.portal).runNext() {}
            let done = try await browser.get(asked.location)
            #expect(done.text.contains("20 values of 1 meter"), "\(done.text)")
            #expect(try await count(place, site.meter) == 20)
            let page = try await browser.get("/imports")
            let start = try #require(page.text.range(of: "href=\"/imports/"))
            let batch = page.text[start.upperBound...].prefix { $0.isNumber }
            #expect(try await browser.post("/imports/\(batch)/undo", [:]).status == 303)
            #expect(try await count(place, site.meter) == 0)
            #expect(try await browser.post("/imports/\(batch)/undo", [:]).status == 409)
        }

        @Test func `bad rows are told with their lines, and nothing is written unless they are left out (W9)`()
            async throws
        {
            let place = try await Place()
            let (browser, site, _) = try await resident(place)
            _ = try await browser.get("/imports")
            let sent = try await browser.send(
                file: table("=HYPERLINK(1)", day: "2026-05-02"), ["meter": "\(site.meter.rawValue)"])
            let preview = try await browser.get(sent.location)
            #expect(preview.text.contains("1 rows cannot be read"), "\(preview.text)")
            #expect(preview.text.contains("<th scope=\"row\">4</th>"))
            let strict = try await browser.post(sent.location, [:])
            while await JobRunner(place.portal).runNext() {}
            #expect(try await browser.get(strict.location).text.contains("failed"))
            #expect(try await count(place, site.meter) == 0)
            _ = try await browser.get(sent.location)
            _ = try await browser.post(sent.location, ["skip": "on"])
            while await JobRunner(place.portal).runNext() {}
            #expect(try await count(place, site.meter) == 19)
        }

        @Test(
            arguments: [
                ("empty", []), ("no table", Array("hello".utf8)),
                ("UTF-16", Array("t,k".utf16.flatMap { [UInt8($0 & 255), 0] })),
                ("binary", (0..<4_096).map { UInt8(truncatingIfNeeded: $0 &* 31) }),
                ("an open quote", Array("time,kWh\n2026-05-01T00:00:00Z,\"".utf8) + Array(repeating: 34, count: 9_999)),
                ("one cell of a megabyte", Array("time,kWh\n".utf8) + Array(repeating: 65, count: 1 << 20)),
                ("a million columns", Array("time".utf8) + Array(repeating: 44, count: 1_000_000)),
                ("NUL bytes", Array("time,kWh\n2026-05-01T00:00:00Z,\0\n".utf8)),
            ] as [(String, [UInt8])])
        func `hostile files are refused in words and change nothing (W9)`(_ name: String, _ file: [UInt8]) async throws
        {
            let place = try await Place()
            let (browser, site, _) = try await resident(place)
            _ = try await browser.get("/imports")
            let sent = try await browser.send(file: file, ["meter": "\(site.meter.rawValue)"])
            if sent.status == 303 {
                // It looks like a table until a bad line: then the preview says so.
                let preview = try await browser.get(sent.location)
                #expect(
                    preview.status == 200 && !preview.text.contains("class=\"button\" type=\"submit\">Import"),
                    "\(name)")
            } else {
                #expect(sent.status == 400 && sent.text.contains("role=\"alert\""), "\(name): \(sent.status)")
            }
            #expect(try await count(place, site.meter) == 0)
        }

        @Test func `what is too large is refused before it is read (W9)`() async throws {
            let place = try await Place()
            let (browser, _, _) = try await resident(place)
            let huge = [UInt8](repeating: 65, count: UploadStore.largest + (65 << 10))
            #expect(try await browser.send(file: huge).status == 413)
            #expect(try await Browser(place).send(file: huge).status == 401)
        }

        @Test func `a file writes the sender's meters only, whatever it names (W7)`() async throws {
            let place = try await Place()
            let (browser, mine, _) = try await resident(place)
            let other = try await Site(place, entity: nil)
            let rows =
                "time,meter,kWh\n2026-05-03T00:00:00Z,\(mine.meterName),1\n2026-05-03T00:15:00Z,\(mine.meterName),1\n2026-05-03T00:00:00Z,\(other.meterName),9\n"
            _ = try await browser.get("/imports")
            let sent = try await browser.send(file: Array(rows.utf8))
            #expect(sent.status == 303, "\(sent.text)")
            _ = try await browser.get(sent.location)
            _ = try await browser.post(sent.location, ["skip": "on"])
            while await JobRunner(place.portal).runNext() {}
            #expect(try await count(place, mine.meter) == 2)
            #expect(try await count(place, other.meter) == 0)
            let foreign = try await browser.send(file: table(), ["meter": "\(other.meter.rawValue)"])
            #expect(foreign.status == 404)
            let stranger = try await place.person(.resident).browser
            #expect(try await stranger.get(sent.location).status == 404)
        }

        @Test func `a job whose replica died is begun again, and one that always dies is given up`() async throws {
            let place = try await Place()
            let (browser, site, identity) = try await resident(place)
            _ = try await browser.get("/imports")
            let sent = try await browser.send(file: table(day: "2026-05-04"), ["meter": "\(site.meter.rawValue)"])
            let asked = try await browser.post(sent.location, [:])
            func claim() async throws -> JobStore.Job? {
                var job = try await place.portal.jobs.claim(now: place.clock.now())
                while let other = job, other.account != identity.account {
                    job = try await place.portal.jobs.claim(now: place.clock.now())
                }
                return job
            }
            for _ in 0..<3 {
                #expect(try await claim() != nil)
                #expect(try await claim() == nil)
                place.clock.advance(.seconds(61))
            }
            #expect(try await claim() == nil)
            #expect(try await browser.get(asked.location).text.contains("never came to its end"))
        }

        @Test func `a program imports CSV, twice under one key as once`() async throws {
            let place = try await Place()
            let (browser, site, _) = try await resident(place)
            let made = try await browser.post("/account/tokens", ["name": "t", "days": "9", "writes": "on"])
            let token = try LoginTests.token(in: made)
            let key = try #require(HTTPField.Name("Idempotency-Key"))
            var headers: HTTPFields = [.authorization: "Bearer \(token)", .contentType: "text/csv"]
            headers[key] = "import-1"
            let path = "/api/v1/imports?meter=\(site.meter.rawValue)&file=may.csv"
            var numbers: Set<String> = []
            for _ in 0..<2 {
                let answer = try await Browser(place).send(
                    .post, path, headers: headers, bytes: table(day: "2026-05-05"), isProgram: true)
                #expect(answer.status == 202 && answer["state"] == "waiting", "\(answer.text)")
                numbers.insert(answer.location)
            }
            #expect(numbers.count == 1)
            while await JobRunner(place.portal).runNext() {}
            let job = try await Browser(place).call(.get, try #require(numbers.first), bearer: token)
            #expect(job["state"] == "done" && job["import"] != .null, "\(job.text)")
        }

        @Test func `a reading is changed with a reason, shown beside what it was, and put back`() async throws {
            let place = try await Place()
            let (browser, site, identity) = try await resident(place)
            let start = place.clock.now() - .days(1)
            let path = "/meters/\(site.meter.rawValue)/readings"
            let window = "?from=\(start)&to=\(start + .hours(2))"
            let form = try await browser.get("\(path)\(window)&edit=\(start)")
            #expect(form.text.contains("Change the reading of"))
            let wordless = try await browser.post(path, ["start": start.description, "kwh": "7,5", "reason": ""])
            #expect(wordless.status == 400 && wordless.text.contains("Say why"))
            let changed = try await browser.post(
                path, ["start": start.description, "kwh": "7,5", "reason": "the meter was exchanged"])
            #expect(changed.status == 303)
            let page = try await browser.get("\(path)\(window)")
            #expect(page.text.contains("7.500") && page.text.contains("was 1.") && page.text.contains("exchanged"))
            let audit = try await browser.get("/audit")
            #expect(audit.text.contains("data.clean") && audit.text.contains("7500.0 Wh"))
            let id = try await place.count(
                "SELECT MAX(cleaning_id) AS n FROM cleanings WHERE meter_id = ?", [.integer(site.meter.rawValue)])
            let stranger = try await place.person(.resident).browser
            #expect(try await stranger.post("/meters/\(site.meter.rawValue)/edits/\(id)/undo", [:]).status == 404)
            _ = try await browser.get("\(path)\(window)")
            #expect(try await browser.post("/meters/\(site.meter.rawValue)/edits/\(id)/undo", [:]).status == 303)
            #expect(!(try await browser.get("\(path)\(window)").text.contains("7.500")))
            #expect(identity.role == .resident)
        }

        @Test(arguments: [
            "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n": 1,
            "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\n": -1,
            "--y\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--y--\r\n": -1,
            "--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n": -1, "--x--": 0, "": -1, "--x": -1,
            "--x\r\n\r\n\r\n--x--": -1, "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1": -1,
        ])
        func `forms with files are read to the letter, and nothing else is`(_ body: String, _ fields: Int) {
            let form = MultipartForm(Array(body.utf8), contentType: "multipart/form-data; boundary=x")
            #expect((form?.fields.count ?? -1) == fields)
        }
    }
}
