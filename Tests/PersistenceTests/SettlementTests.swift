import DemandResponse
import MariaDB
import Measures
import OpenADR
import Persistence
import Testing

/// Terms, settlement and ledger on one small event: four intervals, a baseline of ten equal days.
@Suite struct SettlementTests {
    private let step = TimeSpan.minutes(15)
    private let day = CivilDay(year: 2026, month: 7, day: 1)

    /// A stored event with its programme and meters.
    private struct Stage {
        let program: ProgramID
        let terms: ProgramTerms
        let meters: [MeterID]
    }

    /// An event with what it was put together from.
    private struct Settled {
        let event: EventSettlement
        let sites: [SiteSettlement]

        var total: Money { event.total }
    }

    private var event: TimeWindow { TimeWindow(start: midsummer + .hours(17), duration: .hours(1)) }

    private func stage(_ pool: MariaDBPool, meters count: Int = 2) async throws -> Stage {
        _ = try await AccountStore(pool).establishDistributor(named: "Grid")
        try await storeEvent("event-1", on: pool)
        var meters: [MeterID] = []
        for index in 0..<count {
            meters.append(try await MeterStore(pool).create(.init(name: "m\(index)", zone: "UTC", step: step)))
        }
        let programs = ProgramStore(pool)
        let program = try await programs.establish("Rebate", marketContext: "http://curtail.example/program")
        let terms = try ProgramTerms(
            program: program, version: "1", validFrom: midsummer, baselineRules: [.caiso10of10Unadjusted, .pjm4of5],
            payment: .energy(
                .init(price: EnergyPrice(micros: 250_000, currency: .usd), floor: .excess(upTo: WattHours(5)), cap: 1.5)
            ))
        try await programs.publish(terms)
        return Stage(program: program, terms: terms, meters: meters)
    }

    private func readings(_ energy: Double, days: Range<Int>) -> [IntervalReading] {
        days.flatMap { day in
            (0..<96).map { index in
                IntervalReading(
                    start: midsummer + .days(Int64(day)) + step * Int64(index), duration: step,
                    energy: WattHours(energy))
            }
        }
    }

    /// 1,000 Wh an interval before, `actual` during the event.
    private func settlement(_ stage: Stage, actual: Double, measured: Int = 4) throws -> Settled {
        let history = try MeterHistory(readings(1_000, days: -20..<0) + readings(1_000, days: 0..<1), zone: .utc)
        let calendar = DayCalendar(zone: .utc, holidays: [], eventDays: [day], outageDays: [])
        let baseline = try stage.terms.baseline(
            BaselineContext(event: event, history: history, calendar: calendar))
        let sites = try stage.meters.map { meter in
            try stage.terms.settle(
                SiteEvent(
                    meter: meter, participation: .optedIn, baseline: baseline,
                    readings: event.intervals(every: step).prefix(measured).map {
                        IntervalReading(start: $0.start, duration: step, energy: WattHours(actual))
                    }))
        }
        return Settled(
            event: try stage.terms.complete(ProgramEventID("event-1"), sites.map { SiteOutcome($0) }), sites: sites)
    }

    private func entries(
        _ settlement: Settled, state: LedgerState = .final, revision: Int = 0,
        at recordedAt: Instant = midsummer
    ) throws -> [LedgerEntry] {
        try zip(settlement.event.sites, settlement.sites).map { site, counted in
            try LedgerEntry(
                site, of: settlement.event, audit: LedgerAudit(counted, rule: .caiso10of10Unadjusted), state: state,
                revision: revision, recordedAt: recordedAt)
        }
    }

    /// Predictions and readings of the event, without which no reward may stand.
    private func store(_ settlement: Settled, actual: Double, _ pool: MariaDBPool) async throws {
        for site in settlement.sites {
            let meter = site.meter
            try await PredictionStore(pool).replace(
                site.baseline, of: meter, in: ProgramEventID("event-1"))
            _ = try await ReadingStore(pool).write(
                event.intervals(every: step).map {
                    IntervalReading(start: $0.start, duration: step, energy: WattHours(actual))
                }, of: meter, recordedAt: midsummer)
        }
    }

    @Test func `published terms come back and never change`() async throws {
        try await withDatabase("terms") { pool in
            let stage = try await stage(pool)
            let programs = ProgramStore(pool)
            let stored = try await programs.terms(of: stage.program, version: "1")
            #expect(stored == stage.terms)
            try await programs.publish(stage.terms)
            let other = try ProgramTerms(
                program: stage.program, version: "1", validFrom: midsummer, baselineRules: [.pjm4of5],
                payment: .nomination(.init(ratePerKilowatt: Money(minorUnits: 150, currency: .usd))))
            await #expect(throws: ProgramStore.Failure.alreadyPublished(version: "1")) {
                try await programs.publish(other)
            }
            let nomination = try ProgramTerms(
                program: stage.program, version: "2", validFrom: midsummer, baselineRules: [.pjm4of5],
                payment: other.payment)
            try await programs.publish(nomination)
            let second = try await programs.terms(of: stage.program, version: "2")
            #expect(second == nomination)
            await #expect(throws: ProgramStore.Failure.self) {
                try await ProgramStore(pool, rules: [.ercot8of10]).terms(of: stage.program, version: "1")
            }
        }
    }

    @Test func `a settlement is stored once and a new count is a new revision`() async throws {
        try await withDatabase("settlements") { pool in
            let stage = try await stage(pool)
            let store = SettlementStore(pool)
            let waiting = try settlement(stage, actual: 600, measured: 1)
            let settled = try settlement(stage, actual: 600)
            #expect(try await store.save(waiting.event, settledAt: midsummer) == 0)
            #expect(try await store.save(waiting.event, settledAt: midsummer + .hours(1)) == 0)
            #expect(try await store.save(settled.event, settledAt: midsummer + .hours(2)) == 1)
            #expect(try await store.save(settled.event, settledAt: midsummer + .hours(3)) == 1)
            let latest = try await store.latest(of: ProgramEventID("event-1"))
            #expect(latest.map(\.meter) == stage.meters)
            #expect(latest.map(\.reduction) == [1_600, 1_600])
            #expect(latest.map(\.payment) == settled.event.sites.map(\.payment))
            #expect(latest.allSatisfy { $0.state == .settled && $0.revision == 1 })
            let money = LedgerStore(pool, sha256: testHash)
            try await self.store(settled, actual: 600, pool)
            _ = try await money.append(entries(settled))
        }
    }

    @Test func `the ledger is chained, balanced, and books nothing twice`() async throws {
        try await withDatabase("ledger") { pool in
            let stage = try await stage(pool)
            let settled = try settlement(stage, actual: 600)
            try await store(settled, actual: 600, pool)
            let ledger = LedgerStore(pool, sha256: testHash)
            let booked = try entries(settled)
            #expect(try await ledger.append(booked) == 2)
            #expect(try await ledger.append(booked) == 0)
            #expect(try await ledger.append(entries(settled, at: midsummer + .hours(1))) == 0)
            let stored = try await ledger.entries(of: ProgramEventID("event-1"))
            #expect(stored.map(\.entry) == booked)
            #expect(Ledger.firstBroken(stored, hash: testHash) == nil)
            #expect(settled.total == Money(minorUnits: 80, currency: .usd))
            #expect(try await ledger.rewards(of: ProgramEventID("event-1")) == [settled.total])
            let owed = try await ledger.balance(.participant(stage.meters[0]), .usd)
            #expect(owed == -settled.event.sites[0].payment)
            let spent = try await ledger.balance(.programRewards(stage.program), .usd)
            #expect(spent == settled.total)

            let other = try entries(settlement(stage, actual: 200))
            await #expect(throws: LedgerStore.Conflict.self) { try await ledger.append(other) }
            let skipping = try entries(settled, state: .corrected, revision: 5)
            await #expect(throws: LedgerError.self) { try await ledger.append(skipping) }
            let correction = try entries(settled, state: .corrected, revision: 1)
            #expect(try await ledger.append(correction) == 2)
            let all = try await ledger.entries()
            #expect(all.count == 4 && Ledger.firstBroken(all, hash: testHash) == nil)
        }
    }

    @Test func `nothing in the ledger can be changed, deleted or added to by raw SQL`() async throws {
        try await withDatabase("ledger_raw") { pool in
            let stage = try await stage(pool, meters: 1)
            let settled = try settlement(stage, actual: 600)
            try await store(settled, actual: 600, pool)
            _ = try await LedgerStore(pool, sha256: testHash).append(entries(settled))
            let attempts: [StaticString] = [
                "UPDATE ledger_transactions SET meter_id = meter_id, state = 'corrected'",
                "UPDATE ledger_transactions SET sealed = FALSE", "DELETE FROM ledger_transactions",
                "UPDATE ledger_postings SET amount = 0", "DELETE FROM ledger_postings",
                "INSERT INTO ledger_postings VALUES (1, 9, 'participant/1', -500, 'USD')",
            ]
            for attempt in attempts {
                await #expect {
                    try await pool.execute(attempt)
                } throws: { RuleViolation($0)?.rule == .ledgerAppendOnly }
            }
            // A transaction that does not add up cannot be sealed.
            await #expect {
                try await pool.transaction { connection in
                    try connection.execute(
                        """
                        INSERT INTO ledger_transactions (transaction_id, program_id, event, meter_id, formula_version,
                            revision, state, audit, recorded_at, previous_hash, hash)
                        SELECT 2, program_id, event, meter_id, formula_version, 1, 'corrected', audit, recorded_at,
                            hash, 'x' FROM ledger_transactions
                        """)
                    try connection.execute("INSERT INTO ledger_postings VALUES (2, 0, 'a', 5, 'USD')")
                    try connection.execute("INSERT INTO ledger_postings VALUES (2, 1, 'b', -4, 'USD')")
                    try connection.execute("UPDATE ledger_transactions SET sealed = TRUE WHERE transaction_id = 2")
                }
            } throws: { RuleViolation($0)?.rule == .ledgerAppendOnly }
            #expect(try await pool.number("SELECT COUNT(*) FROM ledger_transactions") == 1)
        }
    }

    @Test func `eight writers book the same event once`() async throws {
        try await withDatabase("ledger_race") { pool in
            let stage = try await stage(pool, meters: 5)
            let settled = try settlement(stage, actual: 600)
            try await store(settled, actual: 600, pool)
            let booked = try entries(settled)
            let ledger = LedgerStore(pool, sha256: testHash)
            let new = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await ledger.append(booked) } }
                return try await group.reduce(0, +)
            }
            #expect(new == 5)
            let all = try await ledger.entries()
            #expect(all.count == 5 && Ledger.firstBroken(all, hash: testHash) == nil)
        }
    }

    @Test func `the audit trail only grows`() async throws {
        try await withDatabase("audit") { pool in
            try await pool.execute(
                """
                INSERT INTO audit (occurred_at, actor, action, subject) VALUES (UTC_TIMESTAMP(), 'a', 'b', 'c')
                """)
            for attempt: StaticString in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"] {
                await #expect {
                    try await pool.execute(attempt)
                } throws: { RuleViolation($0)?.rule == .auditAppendOnly }
            }
        }
    }
}
