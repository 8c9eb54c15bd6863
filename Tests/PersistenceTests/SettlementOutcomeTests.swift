import DemandResponse
import MariaDB
import Measures
import OpenADR
import Persistence
import Testing
import VirtualTopNode

/// What else can happen to an event: schedules and single resources opted out, readings withdrawn, prices and weather that
/// are missing, tests, and two desks at once. Nothing of it pays wrongly.
@Suite struct SettlementOutcomeTests {
    private let over = SettlementWorld.start + .hours(3)
    private let event = ProgramEventID("e")

    @Test func `a schedule counts like an answer, and the last word counts`() async throws {
        try await withDatabase("outcome_schedules") { pool in
            let world = try await SettlementWorld.make(pool, meters: 5)
            try await world.publish("1", SettlementOptions(optOutDeadline: .hours(2)))
            try await world.call("e")
            for meter in 0..<5 { try await world.measure(meter, [6_000, 6_000], at: over) }
            let start = SettlementWorld.start
            // Said before the VEN opted in, in time, late, and when all was over.
            try await world.schedule(.optOut, of: 0, at: start - .hours(6))
            try await world.schedule(.optOut, of: 1, at: start - .hours(3))
            try await world.schedule(.optOut, of: 2, at: start - .minutes(30))
            try await world.schedule(.optOut, of: 3, at: start + .hours(5))
            // Without any answer the programme's rule holds: out, unless a schedule says in.
            try await world.forgetAnswers("e", of: 4)
            try await world.schedule(.optIn, of: 4, at: start - .hours(3))
            let booking = try await world.settle("e", at: over + .hours(4))
            #expect(
                booking.settlement.sites.map(\.settlement.participation)
                    == [.optedIn, .optedOutInTime, .optedOutLate, .optedIn, .optedIn])
            #expect(booking.settlement.sites.map(\.payment.minorUnits) == [800, 0, 0, 800, 800])
        }
    }

    @Test func `who has not answered was out, who opts in when all is over stays out`() async throws {
        try await withDatabase("outcome_silence") { pool in
            let world = try await SettlementWorld.make(pool, meters: 3)
            try await world.publish("1")
            try await world.call("e")
            for meter in 0..<3 { try await world.measure(meter, [6_000, 6_000], at: over) }
            try await world.forgetAnswers("e", of: 0)
            try await world.decide("e", of: 1, .optOut, at: SettlementWorld.start + .minutes(10))
            try await world.decide("e", of: 1, .optIn, at: over)
            let booking = try await world.settle("e", at: over)
            #expect(
                booking.settlement.sites.map(\.settlement.participation) == [.optedOutInTime, .optedOutLate, .optedIn])
            #expect(booking.settlement.total.minorUnits == 800)
        }
    }

    @Test func `a resource that was opted out, or was not meant, is not paid`() async throws {
        try await withDatabase("outcome_resources") { pool in
            let world = try await SettlementWorld.make(pool, meters: 3)
            try await world.publish("1")
            // All three meters behind the first VEN, at three of its resources.
            for (meter, resource) in ["heat", "cold", "light"].enumerated() {
                try await world.place(meter, behind: 0, at: resource)
            }
            try await world.call("e", vens: 0..<1)
            for meter in 0..<3 { try await world.measure(meter, [6_000, 6_000], at: over) }
            _ = try await pool.execute(
                """
                UPDATE event_participations SET resources = '["heat", "cold"]', opt_resources = '{"cold":"optOut"}'
                WHERE event_id = 'e'
                """)
            let booking = try await world.settle("e", at: over)
            #expect(booking.opened.parts.map(\.meter.id) == Array(world.meters.prefix(2)))
            #expect(booking.settlement.sites.map(\.settlement.participation) == [.optedIn, .optedOutInTime])
            // What the VEN was asked for is shared by those that were meant.
            #expect(booking.opened.parts.map(\.asked) == [.kilowatts(2), .kilowatts(2)])
        }
    }

    @Test func `a reward whose readings are withdrawn is taken back until they return`() async throws {
        try await withDatabase("outcome_withdrawn") { pool in
            let world = try await SettlementWorld.make(pool, meters: 2)
            try await world.publish("1")
            try await world.call("e")
            for meter in 0..<2 { try await world.measure(meter, [6_000, 6_000], at: over) }
            _ = try await world.settle("e", isFinal: true, at: over)
            try await world.withdraw(0, from: SettlementWorld.start)
            #expect(try await world.settle("e", at: over + .hours(1)).entries == 1)
            #expect(try await [world.earned(0), world.earned(1)] == [0, 800])
            #expect(try await Invariants(directory: databaseFolder).breaches(on: pool).isEmpty)
            // Without its history there is no baseline either.
            try await world.withdraw(1, from: midsummer - .days(30))
            let refused = try await world.settle("e", at: over + .hours(2))
            #expect(refused.refused.map(\.meter) == [world.meters[1]] && refused.entries == 1)
            #expect(try await world.earned(1) == 0)
            try await world.measure(0, [6_000, 6_000], at: over + .hours(3))
            _ = try await world.settle("e", at: over + .hours(3))
            #expect(try await world.earned(0) == 800)
            let replayed = try await world.desk.replay(event)
            #expect(replayed.count == 5 && replayed.allSatisfy(\.differences.isEmpty), "\(replayed)")
        }
    }

    @Test func `a meter that has left its VEN keeps its part`() async throws {
        try await withDatabase("outcome_left") { pool in
            let world = try await SettlementWorld.make(pool, meters: 2)
            try await world.publish("1")
            try await world.call("e")
            for meter in 0..<2 { try await world.measure(meter, [6_000, 6_000], at: over) }
            _ = try await world.settle("e", at: over)
            try await ReportMeterStore(pool).disconnect(world.meters[0])
            try await world.measure(0, [7_000], at: over + .hours(1))
            #expect(try await world.settle("e", isFinal: true, at: over + .days(1)).entries == 2)
            #expect(try await [world.earned(0), world.earned(1)] == [700, 800])
        }
    }

    @Test func `a test event pays nobody, and neither does one of two programmes at once`() async throws {
        try await withDatabase("outcome_test") { pool in
            let world = try await SettlementWorld.make(pool, meters: 1)
            try await world.publish("1")
            try await world.call("e")
            try await world.measure(0, [6_000, 6_000], at: over)
            _ = try await pool.execute("UPDATE events SET is_test = TRUE")
            await #expect(throws: SettlementDesk.Refusal.test(event)) { try await world.settle("e", at: over) }
            _ = try await pool.execute("UPDATE events SET is_test = FALSE")
            _ = try await ProgramStore(pool).establish("Other", marketContext: SettlementWorld.marketContext)
            await #expect(throws: SettlementDesk.Refusal.noProgram(marketContext: SettlementWorld.marketContext)) {
                try await world.settle("e", at: over)
            }
            #expect(try await world.ledger.entries().isEmpty)
        }
    }

    @Test func `market prices are passed on, and a missing or foreign one pays nobody`() async throws {
        try await withDatabase("outcome_market") { pool in
            let world = try await SettlementWorld.make(pool, meters: 1)
            let terms = try ProgramTerms(
                program: world.program, version: "m", validFrom: midsummer - .days(30),
                baselineRules: [.caiso10of10Unadjusted],
                payment: .market(.init(leastPrice: EnergyPrice(micros: 30_000, currency: .usd))))
            try await ProgramStore(pool).publish(terms, at: midsummer - .days(30))
            try await world.call("e")
            try await world.measure(0, [6_000, 5_000], at: over)
            let missing = try await world.settle("e", at: over)
            #expect(missing.entries == 0)
            #expect(missing.refused[0].refusal == .unusable(.noPrice(world.meters[0], SettlementWorld.start)))
            let series = ProgramSeriesStore(pool)
            let hours = TimeWindow(start: SettlementWorld.start, duration: .hours(2)).intervals(every: .minutes(30))
            func write(_ micros: [Int64], _ currency: Currency) async throws {
                try await series.write(
                    prices: zip(hours, micros).map { ($0, EnergyPrice(micros: $1, currency: currency)) },
                    of: world.program)
            }
            try await write([100_000, 100_000, 100_000, 100_000], .eur)
            let foreign = try await world.settle("e", at: over)
            #expect(
                foreign.refused[0].refusal == .unusable(.differentCurrency(world.meters[0], SettlementWorld.start)))
            // 4 kWh at 0.15, and an hour below zero that pays nothing and charges nothing.
            try await write([100_000, 200_000, -50_000, -70_000], .usd)
            #expect(try await world.settle("e", at: over).entries == 1)
            #expect(try await world.earned(0) == 60)
            #expect(try await world.desk.replay(event).allSatisfy(\.differences.isEmpty))
        }
    }

    @Test func `a control group and the weather are counted with`() async throws {
        try await withDatabase("outcome_control") { pool in
            let world = try await SettlementWorld.make(pool, meters: 2)
            let rule = try #require(BaselineRule.controlGroup)
            let terms = try ProgramTerms(
                program: world.program, version: "c", validFrom: midsummer - .days(30), baselineRules: [rule],
                payment: .energy(.init(price: EnergyPrice(micros: 1_000_000, currency: .usd))))
            try await ProgramStore(pool).publish(terms, at: midsummer - .days(30))
            try await world.call("e", vens: 0..<1)
            try await world.measure(0, [6_000, 6_000], at: over)
            #expect(try await world.settle("e", at: over).refused.count == 1)
            // Everybody drew 9 kWh that day; the control group shows it.
            try await EnrolmentStore(pool).enrol(
                world.meters[1], in: world.program, pledge: nil, isControl: true, at: over)
            try await world.measure(1, [9_000, 9_000], at: over)
            #expect(try await world.settle("e", at: over).entries == 1)
            #expect(try await world.earned(0) == 600)

            let towt = try #require(BaselineRule.standard.first { $0.id == "towt-unadjusted" })
            let warm = try ProgramTerms(
                program: world.program, version: "t", validFrom: midsummer - .days(29), baselineRules: [towt],
                payment: .energy(.init(price: EnergyPrice(micros: 1_000_000, currency: .usd))))
            try await ProgramStore(pool).publish(warm, at: midsummer - .days(29))
            try await world.call("f", start: SettlementWorld.start + .days(1), vens: 1..<2)
            try await world.measure(
                1, Array(repeating: 10_000, count: 26), from: SettlementWorld.start + .hours(2), at: over)
            let later = over + .days(1)
            #expect(try await world.settle("f", at: later).refused.count == 1)
            let hours = TimeWindow(start: midsummer - .days(21), duration: .days(24)).intervals(every: .hours(1))
            try await ProgramSeriesStore(pool).write(
                temperatures: hours.enumerated().map { ($1, 15 + Double($0 % 24) / 2) }, of: world.program)
            let booking = try await world.settle("f", at: later)
            #expect(booking.refused.isEmpty && booking.settlement.sites[0].settlement.ruleID == towt.id)
        }
    }

    @Test func `no baseline learns from an outage or a reading that is not believed`() async throws {
        try await withDatabase("outcome_outage") { pool in
            let world = try await SettlementWorld.make(pool, meters: 1)
            try await world.publish("1")
            try await world.call("e")
            try await world.measure(0, [6_000, 6_000], at: over)
            let window = TimeWindow(start: midsummer - .days(1) + .hours(3), duration: .hours(2))
            try await EnrolmentStore(pool).noteOutage(of: world.meters[0], window, reason: "storm")
            _ = try await world.settle("e", at: over)
            let explained = try #require(try await world.desk.explain(event, world.meters[0]))
            let verdicts = Dictionary(
                explained.settlement.baseline.considered.map { ($0.day, $0.verdict) }, uniquingKeysWith: { $1 })
            let day = ZoneRules.utc.local(window.start).day
            #expect(verdicts[day] == .rejected(.outage))
            #expect(explained.settlement.baseline.daysUsed.count == 10)
            #expect(try await world.desk.explain(event, MeterID(99)) == nil)
        }
    }

    @Test func `overlapping events that are settled at once pay an hour once`() async throws {
        try await withDatabase("outcome_overlap") { pool in
            let world = try await SettlementWorld.make(pool, meters: 1)
            try await world.publish("1")
            let events = ["e", "f", "g"]
            for event in events { try await world.call(event) }
            try await world.measure(0, [6_000, 6_000], at: over)
            let booked = try await withThrowingTaskGroup(of: Int.self) { group in
                for event in events { group.addTask { try await world.settle(event, at: over).entries } }
                return try await group.reduce(0, +)
            }
            #expect(booked == 1)
            #expect(try await world.earned(0) == 800)
        }
    }

    @Test func `two desks at once book once`() async throws {
        try await withDatabase("outcome_race") { pool in
            let world = try await SettlementWorld.make(pool, meters: 2)
            try await world.publish("1")
            try await world.call("e")
            for meter in 0..<2 { try await world.measure(meter, [6_000, 6_000], at: over) }
            let booked = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await world.settle("e", isFinal: true, at: over).entries } }
                return try await group.reduce(0, +)
            }
            #expect(booked == 2)
            #expect(try await [world.earned(0), world.earned(1)] == [800, 800])
        }
    }
}

extension SettlementWorld {
    func schedule(
        _ type: OptType, of ven: Int, at: Instant, around start: Instant = SettlementWorld.start
    ) async throws {
        let window = TimeWindow(start: start - .hours(1), duration: .hours(4))
        _ = try await MariaDBTopNodeStore(pool).transaction { transaction in
            try await transaction.save(
                OptSchedule(
                    venID: Self.ven(ven, name), optID: OptID("s\(ven)"), type: type, reason: .economic,
                    windows: [window], createdAt: at, receivedAt: at))
        }
    }

    func forgetAnswers(_ event: String, of ven: Int) async throws {
        _ = try await pool.execute(
            """
            UPDATE event_participations SET opt_type = NULL, opt_source = NULL, opt_decided_at = NULL
            WHERE ven_id = ? AND event_id = ?
            """, [.text(Self.ven(ven, name).rawValue), .text(event)])
    }

    /// An answer with its line in the history.
    func decide(_ event: String, of ven: Int, _ type: OptType, at: Instant) async throws {
        let values: [MariaDBValue] = [
            .text(type.rawValue), .timestamp(secondsSinceEpoch: at.secondsSinceEpoch),
            .text(Self.ven(ven, name).rawValue), .text(event),
        ]
        _ = try await pool.execute(
            """
            UPDATE event_participations SET opt_type = ?, opt_source = 'createdEvent', opt_decided_at = ?
            WHERE ven_id = ? AND event_id = ?
            """, values)
        _ = try await pool.execute(
            """
            INSERT INTO opt_decisions (event_id, ven_id, modification_number, opt_type, source, decided_at, resources)
            VALUES (?, ?, 0, ?, 'createdEvent', ?, '[]')
            """, [values[3], values[2], values[0], values[1]])
    }

    /// Puts a meter behind a VEN, at one of its resources.
    func place(_ meter: Int, behind ven: Int, at resource: String) async throws {
        let id = Self.ven(ven, name)
        try await ReportMeterStore(pool).disconnect(meters[meter])
        try await ReportMeterStore(pool).connect(.init(resource), of: id, to: meters[meter])
        _ = try await pool.execute(
            """
            INSERT IGNORE INTO report_offers (ven_id, specifier_id, name, capacity_seconds)
            VALUES (?, 'usage', 'TELEMETRY_USAGE', 3600)
            """, [.text(id.rawValue)])
        _ = try await pool.execute(
            """
            INSERT INTO report_data_points (ven_id, specifier_id, r_id, position, report_type, reading_type, unit, scale,
                resource_id, on_change)
            VALUES (?, 'usage', ?, 0, 'usage', 'Direct Read', 'Wh', 1, ?, FALSE)
            """, [.text(id.rawValue), .text(resource), .text(resource)])
    }

    /// Takes a meter's readings back from a time on, as undoing an import does.
    func withdraw(_ meter: Int, from start: Instant) async throws {
        _ = try await pool.execute(
            "DELETE FROM meter_data WHERE meter_id = ? AND start_time >= ?",
            [.integer(meters[meter].rawValue), .timestamp(secondsSinceEpoch: start.secondsSinceEpoch)])
    }
}
