import Accounts
import DemandResponse
import Foundation
import HTTPTypes
import MariaDB
import Measures
import PasswordHashing
import Persistence
import Testing

@testable import Portal

extension PortalTests {
    /// Attacks of the threat model (reliability 2.6) that look at time, load and failures.
    @Suite(.serialized) struct AttackTests {
        private func login(_ place: Place, _ browser: Browser, _ email: String) async throws -> Answer {
            // Neither the address' limit nor that of the name is what is looked at here.
            place.clock.advance(.minutes(2))
            return try await browser.post("/login", ["email": email, "password": "not the password"])
        }

        /// How long an answer with that status took.
        private func milliseconds(_ status: Int, _ body: () async throws -> Answer) async throws -> Double {
            let clock = ContinuousClock()
            let start = clock.now
            let answer = try await body()
            let duration = clock.now - start
            #expect(answer.status == status, "\(answer.text.prefix(500))")
            return duration / .milliseconds(1)
        }

        /// Asks both in turn until their quickest answers, or those in the middle, differ by less than a tenth. Load moves one or
        /// the other for a while; a hash or a letter that lies between them moves both, and for good.
        private func expectSameTime(
            _ known: () async throws -> Double, _ unknown: () async throws -> Double
        ) async throws {
            var times = (known: [Double](), unknown: [Double]())
            for pair in 1...80 {
                times.known.append(try await known())
                times.unknown.append(try await unknown())
                let (one, other) = (times.known.sorted(), times.unknown.sorted())
                let ratios = [one[0] / other[0], one[pair / 2] / other[pair / 2]]
                if pair >= 10, ratios.contains(where: { (0.9...1.1).contains($0) }) { return }
            }
            Issue.record("known in \(times.known) ms, unknown in \(times.unknown) ms")
        }

        @Test func `known and unknown names take as long to be refused (W5)`() async throws {
            // With the cost of a real installation: what is to be hidden is small beside it, not hidden by a toy's.
            let hasher = try PasswordHasher(threads: 2) { TestBytes.random($0) }
            let place = try await Place(hasher: hasher)
            let (_, identity) = try await place.person(.resident)
            try await place.portal.logins.rehash(try await hasher.hash(Place.password), of: identity.account)
            let browser = Browser(place)
            _ = try await browser.get("/login")
            try await expectSameTime {
                try await milliseconds(401) { try await login(place, browser, identity.email) }
            } _: {
                try await milliseconds(401) { try await login(place, browser, "ghost\(UUID())@example.org") }
            }
            await hasher.close()
        }

        @Test(arguments: ["/register", "/password/forgot"])
        func `known and unknown addresses get the same answer after the same time (W5)`(_ path: String) async throws {
            let place = try await Place()
            let (_, identity) = try await place.person(.resident)
            let browser = Browser(place)
            _ = try await browser.get(path)
            func ask(_ email: String) async throws -> Double {
                place.clock.advance(.minutes(2))
                return try await milliseconds(200) {
                    try await browser.post(
                        path, ["email": email, "name": "A", "password": Place.password, "kind": "resident"])
                }
            }
            try await expectSameTime {
                try await ask(identity.email)
            } _: {
                try await ask("new\(UUID())@example.org")
            }
        }

        @Test func `a thousand logins at once neither fill the memory nor keep readers out (W4)`() async throws {
            let hasher = try PasswordHasher(threads: 2) { TestBytes.random($0) }
            let place = try await Place(hasher: hasher)
            let (reader, _) = try await place.person(.resident)
            let before = Self.residentKilobytes()
            let answers = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<1_000 {
                    group.addTask {
                        // Each from an address of its own, as a botnet does: the limit of an address does not help.
                        do {
                            _ = try await place.portal.login("bot\(number)@example.org", "password \(number)")
                            return 401
                        } catch PasswordHashingError.busy {
                            return 503
                        }
                    }
                }
                for _ in 0..<20 { #expect(try await reader.get("/dashboard").status == 200) }
                var counts: [Int: Int] = [:]
                for try await status in group { counts[status, default: 0] += 1 }
                return counts
            }
            #expect(answers[401, default: 0] + answers[503, default: 0] == 1_000)
            #expect(answers[503, default: 0] > 0, "nobody was told to come again: \(answers)")
            // Two hashes at a time take 38 MiB; a thousand of them would take 19 GiB.
            #expect(Self.residentKilobytes() - before < 512 << 10)
            await hasher.close()
        }

        private static func residentKilobytes() -> Int {
            let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
        }

        @Test func `a hash of another cost opens the account once more and is renewed (W11)`() async throws {
            let place = try await Place()
            let (_, identity) = try await place.person(.resident)
            let legacy = try PasswordHasher(cost: PasswordCost(memory: 32, passes: 3)) { TestBytes.random($0) }
            let old = try await legacy.hash(Place.password)
            #expect(old.hasPrefix("$argon2id$v=19$m=32,t=3,p=1$"))
            try await place.portal.logins.rehash(old, of: identity.account)
            try await Browser(place).login(identity.email)
            let stored = try #require(
                try await place.portal.logins.credentials(of: identity.account)?.passwordHash)
            #expect(stored.hasPrefix("$argon2id$v=19$m=64,t=1,p=1$") && stored.count <= 255)
            try await Browser(place).login(identity.email)
            #expect(try await place.portal.logins.credentials(of: identity.account)?.passwordHash == stored)
            // What is no argon2id hash, such as one that another program left, opens nothing.
            try await place.portal.logins.rehash("5f4dcc3b5aa765d61d8327deb882cf99", of: identity.account)
            let browser = Browser(place)
            _ = try await browser.get("/login")
            #expect(try await browser.post("/login", ["email": identity.email, "password": "password"]).status == 401)
            await legacy.close()
        }

        @Test func `what cannot be written to the audit trail is not done (W12)`() async throws {
            let place = try await Place()
            let suffix = "\(UUID().uuidString.prefix(8).lowercased())@example.org"
            let (browser, identity) = try await place.person(.resident, email: "silent-\(suffix)")
            let (admin, _) = try await place.person(.distributorAdmin, email: "silent-admin-\(suffix)")
            let site = try await Site(place, entity: identity.account.rawValue)
            // From here on the lines of these people fail, as all of them do on a disk that is full.
            _ = try await place.pool.execute(
                """
                ALTER TABLE audit ADD CONSTRAINT audit_disk_full
                    CHECK (actor NOT LIKE 'silent-%' OR occurred_at < '2026-07-01 12:20:00')
                """)
            place.clock.advance(.minutes(29))
            func state() async throws -> [Int64] {
                [
                    try await place.count(
                        "SELECT COUNT(*) AS n FROM users WHERE account_id = ? AND name = 'Test Person' AND approval_status = 'approved'",
                        [.integer(identity.account.rawValue)]),
                    try await place.count(
                        "SELECT COUNT(*) AS n FROM cleanings WHERE meter_id = ?", [.integer(site.meter.rawValue)]),
                    try await place.count(
                        "SELECT COUNT(*) AS n FROM meter_map WHERE meter_id = ?", [.integer(site.meter.rawValue)]),
                    try await place.count(
                        "SELECT COUNT(*) AS n FROM api_tokens WHERE account_id = ?",
                        [.integer(identity.account.rawValue)]),
                ]
            }
            #expect(try await state() == [1, 0, 2, 0])
            let reading: KeyValuePairs<String, String> = [
                "start": "\(place.clock.now() - .days(1))", "kwh": "9", "reason": "silent",
            ]
            let changes: [(browser: Browser, path: String, fields: KeyValuePairs<String, String>)] = [
                (browser, "/account/profile", ["name": "Silent", "version": "\(identity.version)"]),
                (browser, "/meters/\(site.meter.rawValue)/readings", reading),
                (browser, "/account/tokens", ["name": "silent", "days": "1"]),
                (admin, "/people/\(identity.account.rawValue)/decide", ["approval": "suspended"]),
                (
                    admin, "/meters/\(site.meter.rawValue)/assign", ["owner": identity.email, "action": "remove"]
                ),
            ]
            for change in changes {
                let answer = try await change.browser.post(change.path, change.fields)
                #expect(answer.status >= 400, "\(change.path) gave \(answer.status)")
                #expect(try await state() == [1, 0, 2, 0], "\(change.path)")
            }
            _ = try await place.pool.execute("ALTER TABLE audit DROP CONSTRAINT audit_disk_full")
            #expect(try await browser.post(changes[1].path, reading).status == 303)
        }

        @Test func `an account sends no more than its share, and other accounts do not feel it (W13)`() async throws {
            let place = try await Place()
            let (browser, _) = try await place.person(.resident)
            let (other, _) = try await place.person(.resident)
            var refused: Answer?
            for _ in 0..<1_400 where refused == nil {
                let answer = try await browser.get("/api/v1/me")
                if answer.status == 429 { refused = answer }
            }
            let answer = try #require(refused)
            #expect(Int(answer.headers[.retryAfter] ?? "") ?? 0 > 0)
            #expect(answer.headers[.contentType] == "application/problem+json")
            #expect(try await other.get("/api/v1/me").status == 200)
            place.clock.advance(.seconds(30))
            #expect(try await browser.get("/api/v1/me").status == 200)
        }
    }
}
