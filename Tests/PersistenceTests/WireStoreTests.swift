import MariaDB
import Measures
import OpenADR
import Persistence
import Synchronization
import Testing
import VirtualTopNode

@Suite struct WireStoreTests {
    private static let now = Instant(year: 2026, month: 7, day: 1, hour: 12)

    private static func digest(_ byte: UInt8) throws -> CertificateDigest {
        try #require(CertificateDigest(bytes: [UInt8](repeating: byte, count: 32)))
    }

    @Test func `a nonce is new once, for each certificate, until it expires`() async throws {
        try await withDatabase("nonces") { pool in
            let book = MariaDBNonceBook(pool)
            func nonce(_ name: String, _ certificate: UInt8 = 1, message: UInt8 = 9) throws -> SignedNonce {
                SignedNonce(
                    certificate: try Self.digest(certificate), nonce: name, digest: try Self.digest(message),
                    expiresAt: Self.now + .minutes(5))
            }
            #expect(try await book.enter(nonce("a")) == .new)
            #expect(try await book.enter(nonce("a")) == .repeated(answer: nil))
            try await book.keep([1, 2, 3], for: nonce("a"))
            #expect(try await book.enter(nonce("a")) == .repeated(answer: [1, 2, 3]))
            #expect(try await book.enter(nonce("a", message: 8)) == .misused)
            #expect(try await book.enter(nonce("A")) == .new, "ids are case-sensitive")
            #expect(try await book.enter(nonce("a", 2)) == .new)
            let all = await withTaskGroup { group in
                for _ in 0..<16 { group.addTask { try? await book.enter(nonce("race")) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(all.filter { $0 == .new }.count == 1 && all.count == 16)
            #expect(try await book.purge(before: Self.now + .minutes(4), limit: 10) == 0)
            #expect(try await book.purge(before: Self.now + .minutes(6), limit: 3) == 3)
            #expect(try await book.purge(before: Self.now + .minutes(6), limit: 3) == 1)
            #expect(try await book.enter(nonce("a")) == .new)
        }
    }

    @Test func `settings hold for the VEN of a certificate, and a registration can only tighten them`() async throws {
        try await withDatabase("wiresettings") { pool in
            let store = WireSettingsStore(pool)
            let ven = VENRecord(venID: "v-1", name: "One", certificate: try Self.digest(1))
            try await MariaDBTopNodeStore(pool).transaction { try await $0.save(ven) }
            let peer = PeerIdentity(certificate: try Self.digest(1))
            #expect(try await store.standing(of: peer) == PeerStanding(venID: "v-1"))
            #expect(try await store.standing(of: PeerIdentity(certificate: Self.digest(2))) == PeerStanding())
            let set = WireSettings(signatures: .required, clockSkew: .minutes(20), isLenient: true)
            try await store.save(set, of: "v-1")
            #expect(try await store.standing(of: peer) == PeerStanding(venID: "v-1", settings: set))
            try await store.save(WireSettings(), of: "v-1")
            #expect(try await store.settings(of: "v-1") == WireSettings())
            let signing = VENRecord(
                venID: "v-1", name: "One", certificate: try Self.digest(1), registration: .registered("r"),
                endpoint: VENEndpoint(transport: .httpPull, usesXMLSignature: true))
            try await MariaDBTopNodeStore(pool).transaction { try await $0.save(signing) }
            #expect(try await store.standing(of: peer).settings.signatures == .required)
        }
    }

    @Test func `the payload log gives back what went in, in order, filtered, and forgets the old`() async throws {
        try await withDatabase("payloadlog") { pool in
            let log = PayloadLogStore(pool)
            let long = [UInt8](repeating: UInt8(ascii: "x"), count: 20_000)
            let records = [
                WireRecord(
                    at: Self.now, direction: .received, venID: "v-1", certificate: try Self.digest(1),
                    message: "oadrPoll", requestID: "q", bytes: Array("<poll>100% 'grün'</poll>".utf8)),
                WireRecord(
                    at: Self.now, direction: .sent, venID: "v-1", certificate: try Self.digest(1),
                    message: "oadrResponse", status: 200, code: .success, microseconds: 1_234, bytes: long),
                WireRecord(
                    at: Self.now + .hours(1), direction: .received, venID: "v-2", message: "oadrUpdateReport",
                    bytes: [], warnings: ["schemaVersion without prefix"]),
                WireRecord(
                    at: Self.now + .hours(1), direction: .sent, venID: "v-2", status: 406, reason: "xml",
                    bytes: Array("xml: x".utf8)),
            ]
            try await log.append(records)
            let all = try await log.entries(.init(), limit: 100)
            #expect(all.map(\.record) == records)
            #expect(all.map(\.isCut) == [false, true, false, false])
            #expect(all[1].record.text.utf8.count == WireRecord.longestText && all[1].record.size == 20_000)
            #expect(all.map(\.id) == all.map(\.id).sorted())
            #expect(try await log.lastEntry() == all[3].id)
            let cases: [(PayloadLogStore.Filter, [Int])] = [
                (.init(venID: "v-1"), [0, 1]), (.init(direction: .sent), [1, 3]), (.init(message: "oadrPoll"), [0]),
                (.init(code: .success), [1]), (.init(status: 406), [3]),
                (.init(since: Self.now + .minutes(1)), [2, 3]),
                (.init(until: Self.now), [0, 1]), (.init(text: "100% 'g"), [0]), (.init(text: "%"), [0]),
                (.init(text: "nothing"), []), (.init(onlyTrouble: true), [2, 3]),
                (.init(venID: "v-2", direction: .received), [2]), (.init(venID: "V-1"), []),
            ]
            for (filter, expected) in cases {
                #expect(try await log.entries(filter, limit: 100).map(\.id) == expected.map { all[$0].id }, "\(filter)")
            }
            #expect(try await log.entries(.init(), limit: 2).map(\.id) == all.suffix(2).map(\.id), "the newest")
            #expect(try await log.entries(.init(), after: all[1].id, limit: 9).map(\.id) == all.suffix(2).map(\.id))
            #expect(try await log.purge(before: Self.now + .minutes(1), limit: 1) == 1)
            #expect(try await log.purge(before: Self.now + .minutes(1), limit: 9) == 1)
            #expect(try await log.entries(.init(), limit: 9).count == 2)
        }
    }

    @Test func `answers that are kept long enough are forgotten`() async throws {
        try await withDatabase("handled") { pool in
            let store = MariaDBTopNodeStore(pool)
            for day in 0..<3 {
                let answer = StoredAnswer(
                    key: StoredAnswer.Key(
                        certificate: try Self.digest(1), message: "oadrCreateOpt", requestID: RequestID("r-\(day)")),
                    contentDigest: 1, code: .success, explanation: nil, references: [],
                    answeredAt: Self.now + .days(Int64(day)))
                try await store.transaction { try await $0.save(answer) }
            }
            #expect(try await HandledRequestStore(pool).purge(before: Self.now + .days(2), limit: 100) == 2)
            #expect(try await HandledRequestStore(pool).purge(before: Self.now + .days(2), limit: 100) == 0)
        }
    }
}

/// The queue before the log, with a writer of our own.
@Suite struct PayloadJournalTests {
    private final class Log: Sendable {
        let written = Mutex<[String]>([])
        let dropped = Mutex(0)
        let failures = Mutex(0)
        let isBroken = Mutex(false)
    }

    private struct Broken: Error {}

    private func journal(_ log: Log, capacity: Int = 1_000) -> PayloadJournal {
        PayloadJournal(
            capacity: capacity,
            write: { records in
                guard !log.isBroken.withLock({ $0 }) else { throw Broken() }
                log.written.withLock { $0 += records.map(\.text) }
            },
            pause: { await Task.yield() }, onDrop: { count in log.dropped.withLock { $0 += count } },
            onFailure: { _ in log.failures.withLock { $0 += 1 } })
    }

    private func record(_ text: String) -> WireRecord {
        WireRecord(at: Instant(secondsSinceEpoch: 0), direction: .sent, bytes: Array(text.utf8))
    }

    @Test func `every record is written in its order, and the last ones before the end`() async {
        let log = Log()
        let journal = journal(log, capacity: 10_000)
        async let running: Void = journal.run()
        for number in 0..<3_000 {
            journal.record([record("\(number) in"), record("\(number) out")])
            if number % 500 == 0 { await Task.yield() }
        }
        journal.finish()
        await running
        #expect(log.written.withLock { $0 } == (0..<3_000).flatMap { ["\($0) in", "\($0) out"] })
        #expect(log.dropped.withLock { $0 } == 0 && journal.backlog == 0)
    }

    @Test func `a full queue drops the new, both halves together, and keeps what it has`() async {
        let log = Log()
        let journal = journal(log, capacity: 5)
        for number in 0..<4 { journal.record([record("\(number) in"), record("\(number) out")]) }
        #expect(log.dropped.withLock { $0 } == 4 && journal.backlog == 4)
        journal.finish()
        await journal.run()
        #expect(log.written.withLock { $0 } == ["0 in", "0 out", "1 in", "1 out"])
    }

    @Test func `what could not be written is written later, once`() async {
        let log = Log()
        log.isBroken.withLock { $0 = true }
        let journal = journal(log)
        async let running: Void = journal.run()
        journal.record([record("a"), record("b")])
        while log.failures.withLock({ $0 }) < 3 { await Task.yield() }
        log.isBroken.withLock { $0 = false }
        while log.written.withLock({ $0.isEmpty }) { await Task.yield() }
        journal.record([record("c")])
        journal.finish()
        await running
        #expect(log.written.withLock { $0 } == ["a", "b", "c"])
    }

    @Test func `a database that is gone does not hold up the end`() async {
        let log = Log()
        log.isBroken.withLock { $0 = true }
        let journal = journal(log)
        journal.record([record("a")])
        journal.finish()
        await journal.run()
        #expect(log.failures.withLock { $0 } == 1 && journal.backlog == 1)
    }
}

extension WireSettingsStore {
    fileprivate func standing(of peer: PeerIdentity) async throws -> PeerStanding {
        try await withCheckedThrowingContinuation { waiter in findStanding(of: peer) { waiter.resume(with: $0) } }
    }
}
