import Measures
import OpenADR
import Synchronization
import Testing
import TopNodeTesting
import VirtualTopNode

@testable import Persistence

/// The way of idle polls into the payload log.
@Suite struct PollJournalTests {
    private final class Log: Sendable {
        let written = Mutex<[[PollRun]]>([])
        let dropped = Mutex(0)
        let failures = Mutex(0)
        let isBroken = Mutex(false)
        let looks = Mutex(0)
    }

    private struct Broken: Error {}

    private static let start = Instant(year: 2026, month: 7, day: 1, hour: 12)
    private static let exchange = IdleExchange(poll: Array("<poll/>".utf8), answer: Array("<nothing/>".utf8))

    private static func digest(_ byte: UInt8) throws -> CertificateDigest {
        try #require(CertificateDigest(bytes: [UInt8](repeating: byte, count: 32)))
    }

    /// - Parameter onLook: happens between two looks; gets their number.
    private func journal(
        _ log: Log, capacity: Int = 1_000, few: Int = 2, longest: Int = 5,
        onLook: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> PollJournal {
        PollJournal(
            capacity: capacity, few: few, longest: longest,
            write: { runs in
                guard !log.isBroken.withLock({ $0 }) else { throw Broken() }
                log.written.withLock { $0.append(runs) }
            },
            pause: {
                let number = log.looks.withLock { looks in
                    looks += 1
                    return looks
                }
                onLook(number)
                await Task.yield()
            }, onDrop: { count in log.dropped.withLock { $0 += count } },
            onFailure: { _ in log.failures.withLock { $0 += 1 } })
    }

    private func record(
        _ journal: PollJournal, _ ven: UInt8, second: Int64, exchange: IdleExchange = exchange
    ) throws {
        journal.record(
            PollRun.Poll(at: Self.start + .seconds(second), microseconds: 100 + second), of: VENID("v-\(ven)"),
            certificate: try Self.digest(ven), exchange: exchange)
    }

    @Test func `few polls are written at the next look, many wait and share a row`() async throws {
        let log = Log()
        let holder = Holder(Mutex(nil))
        let journal = journal(log) { look in
            guard let journal = holder.journal else { return }
            // Two at first; then three at every look; then the end.
            if look == 1 { for ven in 1...2 { try? record(journal, UInt8(ven), second: 1) } }
            if (3...8).contains(look) { for ven in 1...3 { try? record(journal, UInt8(ven), second: Int64(look)) } }
            if look == 8 { journal.finish() }
        }
        holder.set(journal)
        await journal.run()
        let written = log.written.withLock { $0 }
        #expect(written.first?.map(\.polls.count) == [1, 1])
        #expect(written.dropFirst().flatMap { $0 }.reduce(0) { $0 + $1.polls.count } == 18)
        #expect(written.count == 3, "\(written.map { $0.map(\.polls.count) })")
        #expect(written.dropFirst().first?.count == 3, "a row for each VEN")
        #expect(journal.backlog == 0 && log.dropped.withLock { $0 } == 0)
    }

    @Test func `other bytes begin another row, and nothing is lost by a database that is away`() async throws {
        let log = Log()
        let holder = Holder(Mutex(nil))
        let journal = journal(log, capacity: 4, few: 4) { look in
            guard let journal = holder.journal else { return }
            if look == 3 { log.isBroken.withLock { $0 = false } }
            if look == 5 { journal.finish() }
        }
        holder.set(journal)
        log.isBroken.withLock { $0 = true }
        let other = IdleExchange(poll: Array("<poll />".utf8), answer: Self.exchange.answer)
        try record(journal, 1, second: 0)
        try record(journal, 1, second: 1)
        try record(journal, 1, second: 2, exchange: other)
        try record(journal, 1, second: 3)
        try record(journal, 1, second: 4)
        #expect(log.dropped.withLock { $0 } == 1, "there is room for four")
        await journal.run()
        let runs = log.written.withLock { $0.flatMap { $0 } }
        #expect(
            runs.map { $0.polls.map { ($0.at - Self.start).seconds } }.sorted { $0[0] < $1[0] } == [[0, 1], [2], [3]])
        #expect(log.failures.withLock { $0 } > 0 && journal.backlog == 0)
    }

    @Test func `polls with other bytes each time are written soon, and only so many wait`() async throws {
        let log = Log()
        let holder = Holder(Mutex(nil))
        let writtenAtFirst = Mutex(0)
        let journal = journal(log, capacity: 1_000_000, longest: 1_000) { look in
            guard look == 1 else { return }
            writtenAtFirst.withLock { $0 = log.written.withLock { $0.count } }
            holder.journal?.finish()
        }
        holder.set(journal)
        let other = IdleExchange(poll: Array("<poll />".utf8), answer: Self.exchange.answer)
        func alternate(_ count: Int) throws {
            for number in 0..<count {
                try record(journal, 1, second: 0, exchange: number % 2 == 0 ? Self.exchange : other)
            }
        }
        try alternate(PollJournal.closedLimit + 10)
        // Those with the bytes of the last one that was taken still have a place in its row.
        #expect(journal.backlog == PollJournal.closedLimit + 5 && log.dropped.withLock { $0 } == 5)
        await journal.run()
        #expect(writtenAtFirst.withLock { $0 } == 1 && journal.backlog == 0)
        try alternate(PollJournal.closedAtOnce)
        #expect(journal.backlog == PollJournal.closedAtOnce)
    }

    @Test func `a database that is away is not asked more often because much waits for it`() async throws {
        let log = Log()
        let holder = Holder(Mutex(nil))
        let journal = journal(log, capacity: 1_000_000, longest: 5) { look in
            if look == 16 {
                log.isBroken.withLock { $0 = false }
                holder.journal?.finish()
            }
        }
        holder.set(journal)
        log.isBroken.withLock { $0 = true }
        let other = IdleExchange(poll: Array("<poll />".utf8), answer: Self.exchange.answer)
        for number in 0...PollJournal.closedAtOnce {
            try record(journal, 1, second: 0, exchange: number % 2 == 0 ? Self.exchange : other)
        }
        await journal.run()
        #expect(log.failures.withLock { $0 } == 4 && journal.backlog == 0)
    }

    @Test func `a run comes out of the log as the messages that it stands for`() async throws {
        try await withDatabase("pollruns") { pool in
            let log = PayloadLogStore(pool)
            let run = PollRun(
                venID: "v-1", certificate: try Self.digest(1), exchange: Self.exchange,
                polls: [0, 3, 3].map { PollRun.Poll(at: Self.start + .seconds($0), microseconds: 100 + $0) })
            let between = WireRecord(
                at: Self.start + .seconds(1), direction: .sent, venID: "v-2", message: "oadrResponse", status: 200,
                code: .invalidID, bytes: Array("<other/>".utf8))
            try await log.append([between])
            try await log.append([run])
            let all = try await log.entries(.init(), limit: 100).map(\.record)
            let polls = run.records
            #expect(all == [polls[0], polls[1], between] + polls[2...])
            #expect(polls.map(\.direction) == [.received, .sent, .received, .sent, .received, .sent])
            let cases: [(PayloadLogStore.Filter, [WireRecord])] = [
                (.init(venID: "v-1"), polls), (.init(venID: "v-2"), [between]),
                (.init(direction: .received), [polls[0], polls[2], polls[4]]),
                (.init(message: "oadrPoll"), [polls[0], polls[2], polls[4]]),
                (.init(message: "oadrResponse"), [polls[1], between, polls[3], polls[5]]),
                (.init(message: "oadrCreateOpt"), []), (.init(code: .success), [polls[1], polls[3], polls[5]]),
                (.init(code: .invalidID), [between]), (.init(status: 200), [polls[1], between, polls[3], polls[5]]),
                (.init(status: 406), []), (.init(since: Self.start + .seconds(2)), Array(polls[2...])),
                (.init(until: Self.start), Array(polls[..<2])),
                (.init(text: "nothing"), [polls[1], polls[3], polls[5]]),
                (.init(text: "<poll"), [polls[0], polls[2], polls[4]]), (.init(text: "o"), all),
                (.init(onlyTrouble: true), [between]),
            ]
            for (filter, expected) in cases {
                #expect(try await log.entries(filter, limit: 100).map(\.record) == expected, "\(filter)")
            }
            #expect(try await log.entries(.init(), limit: 2).map(\.record) == polls.suffix(2))
            #expect(try await log.purge(before: Self.start + .hours(1), limit: 9) == 2)
        }
    }

    @Test func `outboxes are told apart whether few of them are filled or many`() async throws {
        try await withDatabase("outboxes") { pool in
            let store = MariaDBTopNodeStore(pool)
            func fill(_ numbers: Range<Int>) async throws {
                try await store.transaction { rows in
                    for number in numbers {
                        var bytes = [UInt8](repeating: 0, count: 32)
                        (bytes[0], bytes[1]) = (UInt8(number / 256), UInt8(number % 256))
                        let certificate = try #require(CertificateDigest(bytes: bytes))
                        let ven = VENID("v-\(number)")
                        try await rows.save(VENRecord(venID: ven, name: "", certificate: certificate))
                        let key = OutboxRow.Key(venID: ven, kind: .registerReport, subject: "")
                        try await rows.save(OutboxRow(key: key, enqueuedAt: Self.start))
                    }
                }
            }
            func filled() async throws -> Set<Int> {
                try await withThrowingTaskGroup(of: (Int, Bool).self) { group in
                    for number in 0..<400 {
                        group.addTask { (number, try await store.hasOutbox(VENID("v-\(number)"))) }
                    }
                    return try await group.reduce(into: []) { if $1.1 { $0.insert($1.0) } }
                }
            }
            #expect(try await filled() == [])
            try await fill(0..<3)
            #expect(try await filled() == [0, 1, 2])
            try await fill(3..<300)
            #expect(try await filled() == Set(0..<300), "too many for the list")
            #expect(try await filled() == Set(0..<300))
        }
    }
}

/// Lets a closure of the journal's speak to the journal.
private final class Holder: Sendable {
    private let box: Mutex<PollJournal?>

    init(_ box: consuming Mutex<PollJournal?>) { self.box = box }

    var journal: PollJournal? { box.withLock { $0 } }

    func set(_ journal: PollJournal) { box.withLock { $0 = journal } }
}
