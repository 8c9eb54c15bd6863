import DemandResponse
import Glibc
import MariaDB
import Measures
import OpenADR
import Persistence
import Testing
import VirtualTopNode

/// Random histories of events, opts, schedules, late, corrected and withdrawn readings, disputes, cancellations and crashes:
/// whatever happens, the invariants hold, a replay finds no difference, and every meter has what its readings say.
///
/// `CURTAIL_HISTORIES` says how many; `Scripts/settlement-histories` runs a thousand.
@Suite struct SettlementHistoryTests {
    private static let count = getenv("CURTAIL_HISTORIES").flatMap { Int(String(cString: $0)) } ?? 6
    private static let perDatabase = 50

    @Test(arguments: Array(stride(from: 0, to: count, by: perDatabase)))
    func `whatever happens, the books are right`(first: Int) async throws {
        try await withDatabase("history_\(first)") { pool in
            for seed in first..<min(first + Self.perDatabase, Self.count) {
                var history = History(pool, seed: seed)
                try await history.run()
                let breaches = try await Invariants(directory: databaseFolder).breaches(on: pool)
                #expect(breaches.isEmpty, "seed \(seed): \(breaches)")
            }
            let all = try await LedgerStore(pool, sha256: testHash).entries()
            #expect(Ledger.firstBroken(all, hash: testHash) == nil)
        }
    }
}

/// One history: its seed says what happens.
private struct History {
    struct Event {
        let id: String
        let start: Instant
        var isCancelled = false
    }

    private let pool: MariaDBPool
    private let seed: Int
    private var random: SplitMix64
    private var now = midsummer + .hours(8)
    private var events: [Event] = []

    init(_ pool: MariaDBPool, seed: Int) {
        self.pool = pool
        self.seed = seed
        random = SplitMix64(seed: UInt64(seed) &* 7_919 &+ 1)
    }

    mutating func run() async throws {
        let world = try await SettlementWorld.make(pool, meters: 3, days: 9, after: 2, named: "s\(seed)-")
        try await world.publish("1", SettlementOptions(optOutDeadline: .hours(1), resettlementWindow: .days(20)))
        for index in 0..<Int.random(in: 1...3, using: &random) {
            // On one of three days; some overlap.
            let start =
                midsummer + .days(Int64.random(in: 0...2, using: &random))
                + .hours(Int64.random(in: 14...18, using: &random))
            events.append(Event(id: "s\(seed)-e\(index)", start: start))
            try await world.call(events[index].id, start: start, calledAt: midsummer)
        }
        for _ in 0..<Int.random(in: 8...16, using: &random) { try await step(world) }
        now = midsummer + .days(10)
        for index in events.indices { try await finish(world, events[index]) }
    }

    private mutating func step(_ world: SettlementWorld) async throws {
        now = now + .minutes(Int64.random(in: 0...600, using: &random))
        guard let event = events.randomElement(using: &random) else { return }
        let meter = Int.random(in: 0..<3, using: &random)
        switch Int.random(in: 0..<14, using: &random) {
        case 0:
            try await world.optOut(
                meter, event.id, at: event.start - .minutes(Int64.random(in: 0...90, using: &random)))
        case 1 where now < event.start:
            _ = try? await SettlementWorld.topNode(pool).cancel(EventID(event.id), now: now)
        case 2:
            let open = try await DisputeStore(pool).disputes(of: ProgramEventID(event.id)).filter { $0.closedAt == nil }
            if let dispute = open.first {
                _ = try await DisputeStore(pool).close(dispute.id, outcome: "settled", at: now)
            } else {
                _ = try await DisputeStore(pool).open(
                    ProgramEventID(event.id), world.meters[meter], reason: "I doubt it", at: now)
            }
        case 3, 4:
            let now = now
            await crash { try await world.settle(event.id, isFinal: $0, at: now) }
        case 12: try await world.withdraw(meter, from: event.start)
        case 13:
            try await world.schedule(
                Bool.random(using: &random) ? .optOut : .optIn, of: meter,
                at: event.start - .minutes(Int64.random(in: -200...200, using: &random)), around: event.start)
        case 5, 6: try await settle(world, event, isFinal: Bool.random(using: &random))
        default:
            // One or two hours of the event, rarely more than the baseline.
            let energies = (0..<Int.random(in: 1...2, using: &random)).map { _ in
                Double.random(in: 0...11_000, using: &random)
            }
            try await world.measure(meter, energies, from: event.start, at: now)
        }
    }

    /// Settles, if there is anything to settle.
    private func settle(_ world: SettlementWorld, _ event: Event, isFinal: Bool) async throws {
        do {
            _ = try await world.settle(event.id, isFinal: isFinal, at: now)
        } catch is SettlementDesk.Refusal {
            // Not over, cancelled, or closed: nothing was booked.
        }
    }

    /// Cuts every connection of the database while the desk works.
    private mutating func crash(_ work: @escaping (Bool) async throws -> SettlementDesk.Booking) async {
        let isFinal = Bool.random(using: &random)
        let delay = UInt64.random(in: 0...20_000, using: &random)
        let pool = pool
        let killer = Task {
            try? await Task.sleep(for: .microseconds(delay))
            try? await Self.cutConnections(of: pool)
        }
        _ = try? await work(isFinal)
        _ = await killer.value
        // The pool finds out which of its connections are gone by using them.
        for _ in 0..<12 { _ = try? await pool.query("SELECT 1") }
    }

    private static func cutConnections(of pool: MariaDBPool) async throws {
        try await pool.withConnection { connection in
            let rows = try connection.query(
                "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()")
            for row in rows {
                // The connection may be gone by itself.
                try? connection.runScript("KILL CONNECTION \(try row.integer("id"))")
            }
        }
    }

    /// All readings and opts are in: the books say what the readings say.
    private func finish(_ world: SettlementWorld, _ event: Event) async throws {
        let id = ProgramEventID(event.id)
        for meter in 0..<3 { try await world.measure(meter, [7_000, 6_500], from: event.start, at: now) }
        for dispute in try await DisputeStore(pool).disputes(of: id) where dispute.closedAt == nil {
            _ = try await DisputeStore(pool).close(dispute.id, outcome: "settled", at: now)
        }
        let booking: SettlementDesk.Booking
        do {
            booking = try await world.settle(event.id, isFinal: true, at: now)
        } catch SettlementDesk.Refusal.cancelled {
            let booked = try await world.ledger.entries(of: id)
            #expect(booked.isEmpty, "seed \(seed)")
            return
        }
        let entries = try await world.ledger.entries(of: id).map(\.entry)
        for site in booking.settlement.sites {
            let own = entries.filter { $0.key.meter == site.settlement.meter }
            #expect(own.reduce(0) { $0 + $1.reward.minorUnits } == site.payment.minorUnits, "seed \(seed) \(event.id)")
            #expect(own.isEmpty || own.last?.state != .provisional, "seed \(seed) \(event.id)")
        }
        let again = try await world.settle(event.id, isFinal: true, at: now + .hours(1))
        #expect(again.entries == 0, "seed \(seed) \(event.id)")
        let replayed = try await world.desk.replay(id)
        let differences = replayed.flatMap(\.differences)
        #expect(differences.isEmpty, "seed \(seed): \(replayed)")
    }
}
