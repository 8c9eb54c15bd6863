import DemandResponse
import Measures
import Optimization
import Testing

@Suite struct DispatchPlannerTests {
    let planner = DispatchPlanner()

    func plan(_ request: DispatchRequest, _ resources: [DispatchResource]) async throws -> DispatchPlan {
        switch try await planner.plan(request, resources: resources) {
        case .plan(let plan): return plan
        case .refused(let refusal): throw refusal
        }
    }

    func refusal(_ request: DispatchRequest, _ resources: [DispatchResource]) async throws -> DispatchRefusal {
        guard case .refused(let refusal) = try await planner.plan(request, resources: resources) else {
            throw Unexpected()
        }
        return refusal
    }

    struct Unexpected: Error {}

    @Test func `sure resources are called cheapest first`() async throws {
        let plan = try await plan(
            .reduction(kilowatts: 30),
            [
                .site("a", kilowatts: 20, cents: 30), .site("b", kilowatts: 10, cents: 10),
                .site("c", kilowatts: 20, cents: 20),
            ])
        #expect(plan.calls.map(\.resource.rawValue) == ["b", "c"])
        #expect(plan.cost == .cents(10 * 10 + 20 * 20))
        #expect(plan.status == .proven)
        #expect(plan.gap == 0)
        #expect(plan.bound == plan.cost)
        #expect(plan.totals.allSatisfy { abs($0.margin.value) < 1e-6 && $0.probability == 1 })
        #expect(plan.notCalled.map(\.reason) == [.notNeeded])
    }

    @Test func `half a level is used when it is enough`() async throws {
        let plan = try await plan(.reduction(kilowatts: 10), [.site("a", kilowatts: 20, levels: [0.5, 1])])
        #expect(plan.calls.map(\.level) == [0.5])
        #expect(plan.cost == .cents(200))
    }

    @Test func `two short calls cover a long event`() async throws {
        let limits = DispatchResource.Limits(minimumDuration: .minutes(30), maximumDuration: .minutes(30))
        let plan = try await plan(
            .reduction(kilowatts: 10),
            [.site("a", kilowatts: 10, limits: limits), .site("b", kilowatts: 10, limits: limits)])
        #expect(Set(plan.calls.map(\.run)) == [0..<2, 2..<4])
    }

    @Test func `unsure resources are called with a margin`() async throws {
        let sites = try (0..<12).map {
            try DispatchResource.site("s\($0)", kilowatts: 10, error: 0.1, optIn: 0.8, callCents: 50)
        }
        let plan = try await plan(.reduction(kilowatts: 40), sites)
        #expect(plan.totals.allSatisfy { $0.probability >= 0.9 && $0.margin > .zero })
        #expect(plan.calls.count < 8)
    }

    @Test func `a few large unsure resources are not trusted as a normal distribution would`() async throws {
        // The normal margin of three is 27 - 1.28 * 5.2 = 20.3 kW, but only all three together deliver 20.2 kW (73 %).
        let sites = try (0..<5).map { try DispatchResource.site("s\($0)", kilowatts: 10, optIn: 0.9, callCents: 50) }
        let plan = try await plan(.reduction(kilowatts: 20.2), sites)
        #expect(plan.calls.count == 4)
        #expect(abs(plan.totals[0].probability - 0.9477) < 1e-9)
    }

    @Test func `everyone who is not called has a reason`() async throws {
        let late = DispatchResource.Limits(notice: .hours(3))
        let resting = DispatchResource.Limits(restingUntil: eventStart + .hours(2))
        let plan = try await plan(
            .reduction(kilowatts: 10),
            [
                .site("a called", kilowatts: 10),
                .site("b critical", kilowatts: 10, cents: 0, resourceClass: .critical),
                .site("c spent", kilowatts: 10, cents: 0, limits: .init(callsLeft: 0)),
                .site("d late", kilowatts: 10, cents: 0, limits: late),
                .site("e resting", kilowatts: 10, cents: 0, limits: resting),
                .site("f empty", kilowatts: 0, cents: 0),
                .site("g long", kilowatts: 10, cents: 0, limits: .init(minimumDuration: .hours(2))),
                .site("h dear", kilowatts: 10, cents: 99),
            ])
        #expect(plan.calls.map(\.resource.rawValue) == ["a called"])
        #expect(
            plan.notCalled.map(\.reason) == [
                .critical, .noCallsLeft, .notice(earliest: eventStart + .hours(1)),
                .resting(until: eventStart + .hours(2)), .noCapacity, .duration, .notNeeded,
            ])
    }

    @Test func `an impossible target is refused with what is reachable`() async throws {
        let refusal = try await refusal(.reduction(kilowatts: 40), [.site("a", kilowatts: 12.34)])
        #expect(refusal.limit == .capacity)
        #expect(abs(refusal.reachable.kilowatts - 12.34) < 1e-3)
        #expect(
            "\(refusal)"
                == "12.3 kW of 40.0 kW reachable between 2026-07-01T17:00:00Z and 2026-07-01T17:15:00Z "
                + "with 90 % probability; the limit that broke: the capacity of all resources")
    }

    @Test func `a refusal names the limit that broke`() async throws {
        let request = try DispatchRequest.reduction(kilowatts: 10)
        func limit(_ resources: [DispatchResource]) async throws -> DispatchRefusal.Limit {
            try await refusal(request, resources).limit
        }
        #expect(try await limit([.site("a", kilowatts: 10, limits: .init(notice: .hours(3)))]) == .notice)
        #expect(try await limit([.site("a", kilowatts: 10, limits: .init(callsLeft: 0))]) == .callsLeft)
        #expect(try await limit([.site("a", kilowatts: 10, limits: .init(minimumDuration: .hours(2)))]) == .duration)
        #expect(try await limit([.site("a", kilowatts: 12, optIn: 0.85)]) == .deliveryProbability)
        #expect(try await limit([.site("a", kilowatts: 10, resourceClass: .critical)]) == .capacity)
        #expect(try await limit([.site("a", kilowatts: 10, limits: .init(maximumDuration: .minutes(30)))]) == .duration)
    }

    @Test func `a plan comes from the greedy rule when the solver fails`() async throws {
        struct Broken: LinearSolver {
            func solve(_ model: LinearModel, limits: SolveLimits) async -> SolveOutcome { .failed("out of order") }
        }
        let sites = try (0..<8).map { try DispatchResource.site("s\($0)", kilowatts: 10, error: 0.2, optIn: 0.9) }
        let decision = try await DispatchPlanner(solver: Broken()).plan(.reduction(kilowatts: 40), resources: sites)
        guard case .plan(let plan) = decision else { throw Unexpected() }
        #expect(plan.status == .fallback("the greedy rule: out of order"))
        #expect(plan.bound == nil && plan.gap == nil)
        #expect(plan.totals.allSatisfy { $0.probability >= 0.9 })
    }

    @Test func `senseless input is refused before planning`() async throws {
        let request = try DispatchRequest.reduction(kilowatts: 10)
        await #expect(throws: DispatchPlanningError.noResources) { try await planner.plan(request, resources: []) }
        let site = try DispatchResource.site("a", kilowatts: 10)
        await #expect(throws: DispatchPlanningError.repeatedName(ResourceName("a"))) {
            try await planner.plan(request, resources: [site, site])
        }
        await #expect(throws: DispatchPlanningError.wrongLength(ResourceName("b"))) {
            try await planner.plan(request, resources: [.site("b", kilowatts: 10, quarters: 3)])
        }
        #expect(throws: DispatchRequestError.unusableTarget) { try DispatchRequest.reduction(kilowatts: -1) }
        #expect(throws: DispatchRequestError.unusableTarget) { try DispatchRequest.reduction(kilowatts: .nan) }
        #expect(throws: DispatchRequestError.unusableProbability(0.4)) {
            try DispatchRequest.reduction(kilowatts: 1, probability: 0.4)
        }
        #expect(throws: DispatchResourceError.self) { try DispatchResource.site("a", kilowatts: .nan) }
        #expect(throws: DispatchResourceError.self) { try DispatchResource.site("a", kilowatts: 1, optIn: 0) }
        #expect(throws: DispatchResourceError.self) { try DispatchResource.site("a", kilowatts: 1, levels: [1, 0.5]) }
    }

    @Test func `equal input gives an equal plan, in any order of resources`() async throws {
        var generator = SeededGenerator(seed: 5)
        let sites = try randomSites(&generator, count: 20)
        let request = try DispatchRequest.reduction(kilowatts: 60)
        let first = try await plan(request, sites)
        #expect(try await plan(request, sites) == first)
        #expect(try await plan(request, sites.reversed()) == first)
    }
}

/// Sites of all kinds, some with tight limits, some critical.
func randomSites(_ generator: inout SeededGenerator, count: Int, quarters: Int = 4) throws -> [DispatchResource] {
    try (0..<count).map { index in
        let limits = DispatchResource.Limits(
            notice: .minutes(Int64.random(in: 0...140, using: &generator)),
            minimumDuration: .minutes(15 * Int64.random(in: 1...2, using: &generator)),
            maximumDuration: .minutes(15 * Int64.random(in: 2...6, using: &generator)),
            callsLeft: Int.random(in: 0...5, using: &generator))
        let base = Double.random(in: 2...20, using: &generator)
        let capacity = (0..<quarters).map { _ in Watts.kilowatts(base * Double.random(in: 0.8...1.2, using: &generator))
        }
        let relative = Double.random(in: 0...0.3, using: &generator)
        return try DispatchResource(
            name: ResourceName("site \(index)"),
            resourceClass: Int.random(in: 0..<10, using: &generator) == 0 ? .critical : .nonCritical,
            capacity: capacity, standardError: capacity.map { $0 * relative },
            optInProbability: Double.random(in: 0.6...1, using: &generator),
            energyPrice: EnergyPrice(micros: Int64.random(in: 50_000...600_000, using: &generator), currency: .usd),
            callCost: .cents(Int64.random(in: 0...300, using: &generator)),
            levels: Bool.random(using: &generator) ? [0.5, 1] : [1], limits: limits)
    }
}
