import DemandResponse
import MariaDB
import Measures
import OpenADR
import Persistence
import Testing
import VirtualTopNode

/// Events settled from what the database holds, and what becomes of everything that can be wrong with them.
@Suite struct SettlementDeskTests {
    private let over = SettlementWorld.start + .hours(3)

    @Test func `an event is booked, corrected by differences, and counted again bit for bit`() async throws {
        try await withDatabase("desk") { pool in
            let world = try await SettlementWorld.make(pool, meters: 3)
            try await world.publish("1")
            try await world.call("e")
            try await world.measure(0, [6_000, 6_000], at: over)
            try await world.measure(1, [8_000, 9_000], at: over)

            // Meter 2 waits for its readings: nothing is booked for it.
            let first = try await world.settle("e", at: over)
            #expect(first.entries == 2 && first.settlement.total == Money(minorUnits: 1_100, currency: .usd))
            #expect(try await [world.earned(0), world.earned(1), world.earned(2)] == [800, 300, 0])
            #expect(try await world.settle("e", at: over + .hours(1)).entries == 0)

            // They come; then one is corrected before anything is final.
            try await world.measure(2, [5_000, 5_000], at: over + .hours(2))
            try await world.measure(1, [7_500], at: over + .hours(2))
            #expect(try await world.settle("e", isFinal: true, at: over + .days(1)).entries == 3)
            #expect(try await [world.earned(1), world.earned(2)] == [350, 1_000])
            #expect(try await world.settle("e", isFinal: true, at: over + .days(2)).entries == 0)

            // A correction within the window books the difference; after it, nothing is booked any more.
            try await world.measure(0, [7_000], at: over + .days(3))
            #expect(try await world.settle("e", at: over + .days(3)).entries == 1)
            #expect(try await world.earned(0) == 700)
            let states = try await world.ledger.entries(of: ProgramEventID("e")).map(\.entry)
                .filter { $0.key.meter == world.meters[0] }
            #expect(states.map(\.state) == [.provisional, .final, .corrected])
            #expect(states.map(\.reward.minorUnits) == [800, 0, -100])
            await #expect(throws: SettlementDesk.Refusal.self) { try await world.settle("e", at: over + .days(200)) }

            let replayed = try await world.desk.replay(ProgramEventID("e"))
            #expect(replayed.count == 6 && replayed.allSatisfy(\.differences.isEmpty), "\(replayed)")
            for width in [1, 9] {
                let other = SettlementDesk(
                    pool,
                    SettlementDesk.Environment(
                        zone: SettlementWorld.environment.zone, sha256: testHash, codeVersion: "other", width: width))
                #expect(try await other.replay(ProgramEventID("e")) == replayed)
            }
            let all = try await world.ledger.entries()
            #expect(Ledger.firstBroken(all, hash: testHash) == nil)
            let proof = try await world.ledger.prove()
            #expect(proof.entries == 6 && proof.firstBroken == nil && proof.head == all.last?.hash)
            let balances = try await world.ledger.balances()
            #expect(balances.map(\.reward.minorUnits) == [700, 350, 1_000] && balances.map(\.events) == [1, 1, 1])
            let provenance = try #require(states[0].audit.provenance)
            #expect(provenance.codeVersion == "test" && provenance.inputsHash.count == 64)
        }
    }

    @Test func `other code, other inputs or other terms are seen by a replay`() async throws {
        try await withEmptyDatabase("desk_replay") { pool in
            _ = try await Migrator(SchemaFiles(directory: databaseFolder), sha256: testHash).run(on: pool)
            let world = try await SettlementWorld.make(pool, meters: 1)
            try await world.publish("1")
            try await world.call("e")
            try await world.measure(0, [6_000, 6_000], at: over)
            _ = try await world.settle("e", at: over)
            // A rule of the same name that averages fewer days.
            let other = BaselineRule(
                id: "caiso-10-of-10-unadjusted", version: "1.0.0", selection: BaselineRule.threeWeekdays.selection,
                adjustment: nil)
            await #expect(throws: ProgramStore.Failure.self) {
                try await SettlementDesk(pool, SettlementWorld.environment, rules: [other]).replay(ProgramEventID("e"))
            }
            await #expect { try await pool.execute("UPDATE settlement_inputs SET content = '{}'") } throws: {
                RuleViolation($0)?.rule == .settlementInputsAppendOnly
            }
            await #expect { try await pool.execute("DELETE FROM settlement_inputs") } throws: {
                RuleViolation($0)?.rule == .settlementInputsAppendOnly
            }
            // Whoever gets around the trigger is found.
            try await pool.execute("DROP TRIGGER settlement_inputs_append_only")
            try await pool.execute(
                "UPDATE settlement_inputs SET content = REPLACE(content, '\"pledge\":4000', '\"pledge\":1000')")
            let replayed = try await world.desk.replay(ProgramEventID("e"))
            let fields = replayed.flatMap { $0.differences.map(\.field) }
            #expect(fields.contains("inputs SHA-256") && fields.contains("payment"))
            try await pool.execute("UPDATE settlement_inputs SET content = 'no JSON'")
            await #expect(throws: StoredDataError.self) { try await world.desk.replay(ProgramEventID("e")) }
            try await pool.execute("DROP TRIGGER settlement_inputs_append_only_delete")
            try await pool.execute("DELETE FROM settlement_inputs")
            let invariants = try Invariants(directory: databaseFolder)
            #expect(
                try await invariants.breaches(on: pool, of: ["ledger", "settlement"]).map(\.rule)
                    == ["settlement: every booking has its inputs"])
            #expect(try await invariants.breaches(on: pool, of: ["events"]).isEmpty)
        }
    }

    @Test func `an event keeps the terms of the time of its call`() async throws {
        try await withDatabase("desk_terms") { pool in
            let world = try await SettlementWorld.make(pool, meters: 1)
            await #expect(throws: SettlementDesk.Refusal.unknownEvent(ProgramEventID("e"))) {
                try await world.settle("e", at: over)
            }
            try await world.call("e")
            await #expect(throws: SettlementDesk.Refusal.noTerms(world.program)) {
                try await world.settle("e", at: over)
            }
            try await world.publish("1", at: midsummer - .days(9))
            // Published after the call, though valid before it.
            let late = try ProgramTerms(
                program: world.program, version: "2", validFrom: midsummer - .days(5),
                baselineRules: [.caiso10of10Unadjusted],
                payment: .energy(.init(price: EnergyPrice(micros: 9_000_000, currency: .usd))))
            try await ProgramStore(pool).publish(late, at: SettlementWorld.start)
            try await world.measure(0, [6_000, 6_000], at: over)
            let booking = try await world.settle("e", at: over)
            #expect(booking.opened.terms.version == "1" && booking.settlement.total.minorUnits == 800)
        }
    }

    @Test func `an event that is not over, cancelled, or nobody's is not settled`() async throws {
        try await withDatabase("desk_refusals") { pool in
            let world = try await SettlementWorld.make(pool, meters: 1)
            try await world.publish("1")
            try await world.call("e")
            try await world.measure(0, [6_000, 6_000], at: over)
            await #expect(throws: SettlementDesk.Refusal.notOver(ProgramEventID("e"))) {
                try await world.settle("e", at: SettlementWorld.start + .minutes(119))
            }
            _ = try await SettlementWorld.topNode(pool).cancel("e", now: SettlementWorld.start - .hours(1))
            await #expect(throws: SettlementDesk.Refusal.cancelled(ProgramEventID("e"))) {
                try await world.settle("e", at: over)
            }
            try await world.call("f", marketContext: "http://curtail.example/other")
            await #expect(throws: SettlementDesk.Refusal.noProgram(marketContext: "http://curtail.example/other")) {
                try await world.settle("f", at: over)
            }
            try await world.call("g")
            try await ReportMeterStore(pool).disconnect(world.meters[0])
            await #expect(throws: SettlementDesk.Refusal.noMeters(ProgramEventID("g"))) {
                try await world.settle("g", at: over)
            }
            #expect(try await world.ledger.entries().isEmpty)
        }
    }

    @Test func `overlapping events pay an hour once`() async throws {
        try await withDatabase("desk_overlap") { pool in
            let world = try await SettlementWorld.make(pool, meters: 2)
            try await world.publish("1")
            try await world.call("e", vens: 0..<2)
            try await world.call("f", start: SettlementWorld.start + .hours(1), vens: 0..<1)
            try await world.measure(0, [6_000, 6_000, 6_000], at: over)
            try await world.measure(1, [6_000, 6_000], at: over)
            let first = try await world.settle("e", at: over + .hours(1))
            #expect(first.entries == 2)
            let second = try await world.settle("f", at: over + .hours(1))
            #expect(second.entries == 0 && second.opened.overlapping == [world.meters[0]])
            #expect(try await world.earned(0) == 800)
        }
    }

    @Test func `opting out in time leaves the event out, late it counts for nothing`() async throws {
        try await withDatabase("desk_opts") { pool in
            let world = try await SettlementWorld.make(pool, meters: 3)
            try await world.publish("1", SettlementOptions(optOutDeadline: .hours(2)))
            try await world.call("e")
            for meter in 0..<3 { try await world.measure(meter, [6_000, 6_000], at: over) }
            try await world.optOut(1, "e", at: SettlementWorld.start - .hours(2))
            try await world.optOut(2, "e", at: SettlementWorld.start - .hours(1))
            let booking = try await world.settle("e", at: over)
            #expect(
                booking.settlement.sites.map(\.settlement.participation) == [.optedIn, .optedOutInTime, .optedOutLate])
            #expect(booking.settlement.sites.map(\.payment.minorUnits) == [800, 0, 0])
            #expect(booking.settlement.sites[2].settlement.performance == 0)
        }
    }

    @Test func `a dispute keeps its meter provisional`() async throws {
        try await withDatabase("desk_dispute") { pool in
            let world = try await SettlementWorld.make(pool, meters: 2)
            try await world.publish("1")
            try await world.call("e")
            for meter in 0..<2 { try await world.measure(meter, [6_000, 6_000], at: over) }
            _ = try await world.settle("e", at: over)
            let disputes = DisputeStore(pool)
            let id = try await disputes.open(ProgramEventID("e"), world.meters[1], reason: "swapped", at: over)
            _ = try await world.settle("e", isFinal: true, at: over + .hours(1))
            func states() async throws -> [LedgerState] {
                try await world.ledger.entries(of: ProgramEventID("e")).map(\.entry)
                    .filter { $0.key.meter == world.meters[1] }.map(\.state)
            }
            #expect(try await states() == [.provisional])
            let line = try #require(try await SettlementOverview(pool).lines(limit: 5).first)
            #expect(
                line.event == ProgramEventID("e") && line.programme == "Peak" && line.window?.end == over - .hours(1))
            #expect(line.booked == 2 && line.final == 1 && line.waiting == 0 && line.openDisputes == 1)
            #expect(line.paid == Money(minorUnits: 1_600, currency: .usd))
            #expect(try await disputes.close(id, outcome: "it was not", at: over + .hours(2)))
            #expect(try await !disputes.close(id, outcome: "again", at: over + .hours(3)))
            _ = try await world.settle("e", isFinal: true, at: over + .hours(4))
            #expect(try await states() == [.provisional, .final])
            #expect(try await disputes.disputes(of: ProgramEventID("e")).map(\.outcome) == ["it was not"])
        }
    }

    @Test func `a report counts what was delivered, for whom, and at what price`() async throws {
        try await withDatabase("desk_report") { pool in
            let world = try await SettlementWorld.make(pool, meters: 3)
            try await world.publish("1")
            let enrolments = EnrolmentStore(pool)
            for (meter, place) in zip(world.meters, [("F1", "home"), ("F1", "shop"), ("F2", "home")]) {
                try await enrolments.enrol(
                    meter, in: world.program, pledge: .kilowatts(5), feeder: place.0, customerClass: place.1, at: over)
            }
            try await world.call("e")
            for (meter, energy) in [6_000.0, 8_000, 5_000].enumerated() {
                try await world.measure(meter, [energy, energy], at: over)
            }
            _ = try await world.settle("e", at: over)
            let report = try #require(try await world.desk.report("Peak"))
            #expect(report.total.delivered == 22 && report.total.target == 30 && report.total.paid == 22)
            #expect(report.feeders.map(\.delivered) == [12, 10] && report.classes.map(\.name) == ["home", "shop"])
            // The load is constant: baselines are exact, noise pays nothing. Payments are 800, 400 and 1,000 cents.
            #expect(report.total.noiseRent == 0 && report.rows.allSatisfy { $0.baselineError == 0 })
            #expect(abs(report.gini - (2.0 * (400 + 2 * 800 + 3 * 1_000) - 4 * 2_200) / (3 * 2_200)) < 1e-12)
            #expect(try await world.desk.report("Nobody's") == nil)
        }
    }
}
