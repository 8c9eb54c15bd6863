import DemandResponse
import Logging
import MariaDB
import Measures
import OpenADR
import Persistence
import Testing
import VirtualTopNode
import WebServer

@testable import curtail

/// What rules of dispatch find, do, complete and leave alone, on the real database.
@Suite struct DispatchRuleTests {
    private static let noon = Instant(year: 2026, month: 6, day: 1) + .hours(12)
    private static let programme = "http://curtail.example/program"
    private static let sites = 12

    /// Twelve sites with 8 kW each, and 15 kW from 17 to 20 o'clock, half of which they can shed.
    private struct Portfolio {
        let pool: MariaDBPool

        var node: TopNode {
            TopNode(
                store: MariaDBTopNodeStore(pool), configuration: TopNodeConfiguration(telemetry: nil),
                environment: TopNodeEnvironment { "id" })
        }

        static func make(_ pool: MariaDBPool, enrolled: Bool = true) async throws -> Portfolio {
            let portfolio = Portfolio(pool: pool)
            _ = try await AccountStore(pool).establishDistributor(named: "Grid")
            for place in 0..<sites {
                let meter = try await MeterStore(pool).create(.init(name: "m-\(place)", zone: "UTC", step: .hours(1)))
                try await ForecastStore(pool).save(forecast(meter))
                let certificate = try #require(CertificateDigest(bytes: [UInt8](repeating: UInt8(place), count: 32)))
                try await portfolio.node.admit(
                    ven(place), name: "Site", certificate: certificate, pollFrequency: .seconds(10))
            }
            if enrolled { try await portfolio.enrol() }
            return portfolio
        }

        func enrol() async throws {
            for (place, meter) in try await MeterStore(pool).meters().map(\.id).sorted().enumerated() {
                var terms = DispatchParticipant.Terms()
                terms.share = 0.5
                terms.energyPrice = 0.1 + 0.01 * Double(place)
                try await DispatchResourceStore(pool).save(
                    DispatchParticipant(
                        name: ResourceName("site-\(place)"), ven: ven(place), resource: nil, meter: meter, feeder: nil,
                        terms: terms), at: noon)
            }
        }

        private static func forecast(_ meter: MeterID) -> LoadForecast {
            let intervals = (0..<24).map { hour in
                let mean = WattHours((5..<8).contains(hour) ? 15_000.0 : 8_000.0)
                return LoadForecast.Interval(
                    window: TimeWindow(start: noon + .hours(Int64(hour)), duration: .hours(1)), mean: mean,
                    standardError: WattHours(200), lower80: mean, upper80: mean, lower95: mean, upper95: mean)
            }
            return LoadForecast(meter: meter, model: "test", madeAt: noon, intervals: intervals)
        }

        func rule(_ name: String = "peak", _ action: DispatchRule.Action = .publish) -> DispatchRule {
            DispatchRule(
                name: name,
                terms: .init(
                    trigger: .forecast, threshold: 150, action: action, programme: programme, step: 3_600))
        }

        func check(at now: Instant = noon) -> DispatchRuleCheck {
            DispatchRuleCheck(pool: pool, topNode: node, now: now)
        }

        func answer(_ event: EventID, _ opt: String, _ vens: some Sequence<VENID>) async throws {
            for ven in vens {
                _ = try await pool.execute(
                    """
                    UPDATE event_participations SET opt_type = ?, opt_source = 'createdEvent', opt_decided_at = ?
                    WHERE ven_id = ? AND event_id = ?
                    """,
                    [
                        .text(opt), .timestamp(secondsSinceEpoch: noon.secondsSinceEpoch), .text(ven.rawValue),
                        .text(event.rawValue),
                    ])
            }
        }

        func called(_ event: EventID) async throws -> Set<VENID> {
            let parts = try await MariaDBTopNodeStore(pool).transaction { try await $0.participations(in: event) }
            return Set(parts.map(\.venID))
        }

        func events() async throws -> Int { try await pool.query("SELECT event_id FROM events").count }
    }

    private static func ven(_ place: Int) -> VENID { VENID("VEN-\(place)") }

    @Test func `a forecast over the threshold becomes one event, and is not acted on again`() async throws {
        try await withDatabase("rules_forecast") { pool in
            let portfolio = try await Portfolio.make(pool)
            let rule = portfolio.rule()
            try await DispatchRuleStore(pool).save(rule, at: Self.noon)
            let finding = try #require(try await portfolio.check().finding(rule))
            #expect(finding.window == TimeWindow(start: Self.noon + .hours(5), duration: .hours(3)))
            #expect(finding.targets == [30, 30, 30] && finding.highest == 180)
            let deed = try await portfolio.check().act(rule, on: finding)
            let event = try #require(deed.event)
            #expect(event == EventID("plan-\(deed.plan)"))
            let called = try await portfolio.called(event)
            #expect(
                Set(deed.record.plan.calls.map(\.resource.rawValue).map { $0.replacing("site", with: "VEN") })
                    == Set(called.map(\.rawValue)))
            // Four sites shed 30 kW if all of them come; to be nine tenths sure takes more, and not everybody.
            #expect((5..<Self.sites).contains(called.count))
            #expect(try await portfolio.check().finding(rule) == nil)
            // Another rule has done nothing yet.
            #expect(try await portfolio.check().finding(portfolio.rule("other")) != nil)
        }
    }

    @Test func `a peak longer than the longest event becomes one event after the other`() async throws {
        try await withDatabase("rules_longest") { pool in
            let portfolio = try await Portfolio.make(pool)
            var rule = portfolio.rule("short", .propose)
            rule.terms.longest = 7_200
            try await DispatchRuleStore(pool).save(rule, at: Self.noon)
            var windows: [TimeWindow] = []
            while let finding = try await portfolio.check().finding(rule), windows.count < 5 {
                windows.append(finding.window)
                #expect(try await portfolio.check().act(rule, on: finding).event == nil)
            }
            #expect(
                windows == [
                    TimeWindow(start: Self.noon + .hours(5), duration: .hours(2)),
                    TimeWindow(start: Self.noon + .hours(7), duration: .hours(1)),
                ])
            #expect(try await portfolio.events() == 0)
        }
    }

    @Test func `who opts out is made good by others, once`() async throws {
        try await withDatabase("rules_complete") { pool in
            let portfolio = try await Portfolio.make(pool)
            let rule = portfolio.rule()
            try await DispatchRuleStore(pool).save(rule, at: Self.noon)
            let finding = try #require(try await portfolio.check().finding(rule))
            let event = try #require(try await portfolio.check().act(rule, on: finding).event)
            let called = try await portfolio.called(event).sorted()
            try await portfolio.answer(event, "optIn", called)
            #expect(try await portfolio.check().complete(rule).isEmpty)
            try await portfolio.answer(event, "optOut", called.prefix(3))
            let deeds = try await portfolio.check().complete(rule)
            let second = try #require(deeds.first?.event)
            #expect(deeds.count == 1 && second != event)
            let others = try await portfolio.called(second)
            #expect(!others.isEmpty && others.isDisjoint(with: called))
            try await portfolio.answer(second, "optIn", others)
            #expect(try await portfolio.check().complete(rule).isEmpty)
            #expect(try await portfolio.events() == 2)
        }
    }

    @Test func `a plan whose program ended before its event becomes one, once`() async throws {
        try await withDatabase("rules_ended") { pool in
            let portfolio = try await Portfolio.make(pool)
            let proposing = portfolio.rule("peak", .propose)
            try await DispatchRuleStore(pool).save(proposing, at: Self.noon)
            let finding = try #require(try await portfolio.check().finding(proposing))
            let kept = try await portfolio.check().act(proposing, on: finding)
            #expect(kept.event == nil)
            #expect(try await portfolio.check().complete(proposing).isEmpty)
            let deeds = try await portfolio.check().complete(portfolio.rule())
            #expect(deeds.map(\.event) == [EventID("plan-\(kept.plan)")])
            #expect(try await portfolio.check().complete(portfolio.rule()).isEmpty)
            #expect(try await portfolio.events() == 1)
            // Too late to begin with: it stays a proposal.
            try await pool.execute("DELETE FROM dispatch_rule_firings", [])
            let again = try await portfolio.check().act(proposing, on: finding)
            let late = portfolio.check(at: Self.noon + .hours(6))
            #expect(try await late.complete(portfolio.rule()).allSatisfy { $0.plan != again.plan })
        }
    }

    @Test func `of several programs one acts, and a rule that fails is tried again`() async throws {
        try await withDatabase("rules_keepers") { pool in
            let portfolio = try await Portfolio.make(pool, enrolled: false)
            try await DispatchRuleStore(pool).save(portfolio.rule(), at: Self.noon)
            let metrics = MetricsRegistry()
            func keeper(_ holder: String) -> DispatchKeeper {
                DispatchKeeper(
                    pool: pool, topNode: portfolio.node, interval: .minutes(1), holder: holder, metrics: metrics,
                    logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
                    time: AcceleratedTime(start: Self.noon, rate: 0))
            }
            // Nobody is enrolled.
            await keeper("a").round()
            #expect(metrics.value("curtail_dispatch_rule_failures_total") == 1)
            try await portfolio.enrol()
            let keepers = (0..<4).map { keeper("program \($0)") }
            await withTaskGroup(of: Void.self) { group in
                for keeper in keepers { group.addTask { await keeper.round() } }
            }
            #expect(metrics.value("curtail_dispatch_plans_total", labels: ["outcome": "published"]) == 1)
            #expect(metrics.value("curtail_dispatch_rule_failures_total") == 1)
            #expect(try await portfolio.events() == 1)
            #expect(try await DispatchRuleStore(pool).firings(endingAfter: Self.noon).count == 1)
            await keeper("b").round()
            #expect(try await portfolio.events() == 1)
        }
    }
}
