import DemandResponse
import MariaDB
import Measures
import OpenADR
import Persistence
import Testing
import VirtualTopNode

/// Rules, plans that complete others, and what became of them.
@Suite struct DispatchStoreTests {
    private static let start = midsummer + .hours(17)

    /// A plan for two hours that asks one resource for 4 kW with the probability 0.8.
    private func record(_ name: String, follows: PlanStore.PlanID? = nil) async throws -> PlanStore.Record {
        var resource = DispatchProblem.Resource(
            name: ResourceName(name), capacity: [4, 4, 0], standardError: [0.4, 0.4, 0])
        resource.optIn = 0.8
        var problem = DispatchProblem(
            decidedAt: midsummer, start: Self.start, step: .hours(1), target: [3, 3, nil], callable: 0..<2,
            shortfallPrice: 10, reboundLimit: [nil, nil, nil],
            feeders: [DispatchProblem.withoutLimits("all", 3)], resources: [resource])
        problem.deliveryProbability = 0.7
        let plan = try await PortfolioPlanner(clock: { 0 }).plan(problem)
        #expect(plan.calls.map(\.expected) == [[3.2, 3.2]])
        return PlanStore.Record(
            problem: problem, plan: plan, solver: "test", inputs: [UInt8](repeating: 1, count: 32),
            outcome: [UInt8](repeating: 2, count: 32), text: "{\"name\":\"\(name)\"}", follows: follows)
    }

    private func enrol(_ world: SettlementWorld) async throws {
        for (place, meter) in world.meters.enumerated() {
            try await DispatchResourceStore(world.pool).save(
                DispatchParticipant(
                    name: ResourceName("site-\(place)"), ven: SettlementWorld.ven(place), resource: nil, meter: meter,
                    feeder: nil, terms: .init()), at: midsummer)
        }
    }

    @Test func `a plan and those that complete it are one chain, cancelled events left out`() async throws {
        try await withDatabase("chains") { pool in
            let world = try await SettlementWorld.make(pool, meters: 3)
            let store = PlanStore(pool)
            let first = try await store.save(await record("site-0"))
            #expect(try await store.chain(first).isEmpty)
            for event in ["plan-1", "plan-2", "plan-3"] { try await world.call(event) }
            try await store.link(first, to: ProgramEventID("plan-1"))
            let second = try await store.save(await record("site-1", follows: first))
            let third = try await store.save(await record("site-2", follows: first))
            try await store.link(second, to: ProgramEventID("plan-2"))
            try await store.link(third, to: ProgramEventID("plan-3"))
            let other = try await store.save(await record("site-1"))
            for plan in [first, second, third] {
                #expect(try await store.chain(plan).map(\.plan) == [first, second, third])
            }
            #expect(try await store.chain(other).isEmpty)
            _ = try await pool.execute(
                "UPDATE events SET cancelled_at = start_time WHERE event_id = ?", [.text("plan-2")])
            #expect(try await store.chain(third).map(\.event.rawValue) == ["plan-1", "plan-3"])
            #expect(try await store.plans(limit: 10).map(\.follows) == [nil, first, first, nil])
        }
    }

    @Test func `answers count as the programme's rules say, deliveries as they were settled`() async throws {
        try await withDatabase("histories") { pool in
            let world = try await SettlementWorld.make(pool, meters: 3)
            try await world.publish("1")
            try await enrol(world)
            try await world.call("peak")
            let store = PlanStore(pool)
            for place in 0..<3 {
                let plan = try await store.save(await record("site-\(place)"))
                if place == 0 { try await store.link(plan, to: ProgramEventID("peak")) }
            }
            _ = try await pool.execute(
                "UPDATE event_participations SET opt_type = NULL, opt_source = NULL, opt_decided_at = NULL WHERE ven_id = ?",
                [.text(SettlementWorld.ven(1).rawValue)])
            try await world.optOut(2, "peak", at: Self.start - .hours(1))
            let history = DispatchHistory(pool)
            let after = Self.start + .hours(3)
            #expect(try await history.answers(before: Self.start).isEmpty)
            func answers() async throws -> [[Int]] {
                let found = try await history.answers(before: after)
                return (0..<3).map { place in
                    let answer = found[SettlementWorld.ven(place)]
                    return [answer?.ins ?? -1, answer?.outs ?? -1]
                }
            }
            #expect(try await answers() == [[1, 0], [0, 1], [0, 1]])
            try await MariaDBTopNodeStore(pool).transaction {
                try await $0.save(
                    ProgrammeRules(unanswered: .optIn), of: MarketContext(SettlementWorld.marketContext))
            }
            #expect(try await answers() == [[1, 0], [1, 0], [0, 1]])

            #expect(try await history.deliveries(since: midsummer).isEmpty)
            // 10 kWh an hour are expected, 7 come: 6 of the 8 kWh that were promised for taking part.
            try await world.measure(0, [7_000, 7_000], at: after)
            _ = try await world.settle("peak", at: after + .hours(1))
            let deliveries = try await history.deliveries(since: midsummer)
            #expect(deliveries.map(\.meter) == [world.meters[0]])
            #expect(deliveries.first?.promised == WattHours(8_000))
            #expect(deliveries.first?.delivered == WattHours(6_000))
            #expect(try await history.deliveries(since: after).isEmpty)
        }
    }

    @Test func `a rule is claimed by one, does nothing twice, and takes its deeds with it`() async throws {
        try await withDatabase("rules") { pool in
            let store = DispatchRuleStore(pool)
            var rule = DispatchRule(
                name: "peak",
                terms: .init(
                    trigger: .forecast, threshold: 500, action: .propose, programme: "http://curtail.example/p"))
            try await store.save(rule, at: midsummer)
            rule.terms.threshold = 600
            rule.isEnabled = false
            try await store.save(rule, at: midsummer)
            #expect(try await store.rules() == [rule])
            let end = midsummer + .minutes(10)
            #expect(try await store.claim("peak", for: "a", at: midsummer, until: end))
            #expect(try await !store.claim("peak", for: "b", at: midsummer + .minutes(9), until: end + .minutes(9)))
            #expect(try await store.claim("peak", for: "b", at: end, until: end + .minutes(10)))
            try await store.release("peak", by: "a")
            #expect(try await !store.claim("peak", for: "a", at: end, until: end + .minutes(1)))
            try await store.release("peak", by: "b")
            #expect(try await store.claim("peak", for: "a", at: end, until: end + .minutes(1)))

            let plan = try await PlanStore(pool).save(await record("site-0"))
            let firing = DispatchRuleStore.Firing(
                rule: "peak", window: TimeWindow(start: Self.start, duration: .hours(2)), plan: plan,
                reason: "too much", firedAt: midsummer)
            try await store.note(firing)
            try await store.note(firing)
            #expect(try await store.firings(endingAfter: Self.start) == [firing])
            #expect(try await store.firings(endingAfter: Self.start + .hours(2)).isEmpty)
            #expect(try await store.remove("peak"))
            #expect(try await !store.remove("peak"))
            #expect(try await store.firings(endingAfter: Self.start).isEmpty)
        }
    }

    @Test func `a rule reads the prices of its programme`() async throws {
        try await withDatabase("ruleprices") { pool in
            let world = try await SettlementWorld.make(pool, meters: 1)
            let window = TimeWindow(start: Self.start, duration: .hours(1))
            try await ProgramSeriesStore(pool).write(
                prices: [(window, EnergyPrice(micros: 450_000, currency: .usd))], of: world.program)
            let store = DispatchRuleStore(pool)
            let context = MarketContext(SettlementWorld.marketContext)
            let found = try await store.prices(of: context, in: window)
            #expect(found.map(\.price) == [0.45] && found.map(\.window) == [window])
            #expect(try await store.prices(of: MarketContext("http://other"), in: window).isEmpty)
        }
    }
}
