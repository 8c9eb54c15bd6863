import DemandResponse
import Measures
import Testing

/// Small problems whose best plan is known.
@Suite struct PlannedCaseTests {
    private static let quarters = 4

    private func problem(
        _ target: Double, _ resources: [DispatchProblem.Resource], probability: Double = 0.9
    ) -> DispatchProblem {
        let none = [Double?](repeating: nil, count: Self.quarters)
        var problem = DispatchProblem(
            decidedAt: eventStart - .hours(2), start: eventStart, step: .minutes(15),
            target: [Double?](repeating: target, count: Self.quarters), callable: 0..<Self.quarters,
            shortfallPrice: 1_000, reboundLimit: none,
            feeders: [DispatchProblem.withoutLimits("all", Self.quarters)], resources: resources)
        problem.deliveryProbability = probability
        return problem
    }

    /// A site that can shed the same in every interval.
    private func site(
        _ name: String, _ kilowatts: Double, error: Double = 0, optIn: Double = 1, price: Double = 0.2,
        _ change: (inout DispatchProblem.Resource) -> Void = { _ in }
    ) -> DispatchProblem.Resource {
        var site = DispatchProblem.Resource(
            name: ResourceName(name), capacity: [Double](repeating: kilowatts, count: Self.quarters),
            standardError: [Double](repeating: kilowatts * error, count: Self.quarters))
        site.optIn = optIn
        site.energyPrice = price
        change(&site)
        return site
    }

    private func plan(_ problem: DispatchProblem) async throws -> DispatchProposal {
        var limits = PortfolioSolver.Limits()
        limits.gap = 0.005
        let plan = try await PortfolioPlanner(limits: limits, clock: { 0 }).plan(problem)
        #expect(ProblemCheck(problem).violations(plan) == [])
        return plan
    }

    @Test func `sure resources are called cheapest first`() async throws {
        let plan = try await plan(
            problem(30, [site("a", 20, price: 0.3), site("b", 10, price: 0.1), site("c", 20, price: 0.2)]))
        #expect(plan.calls.map(\.resource.rawValue) == ["b", "c"])
        #expect(abs(plan.cost - 5) < 1e-9 && plan.status == .withinGap)
        #expect(plan.totals.allSatisfy { $0.probability == 1 })
    }

    @Test func `half a level is used when it is enough`() async throws {
        let plan = try await plan(problem(10, [site("a", 20) { $0.levels = [0.5, 1] }]))
        #expect(plan.calls.map(\.share) == [0.5])
        #expect(abs(plan.cost - 2) < 1e-9)
    }

    @Test func `of those who are alike the least called are called`() async throws {
        let recent = [4, 0, 2, 1, 0, 3]
        let sites = recent.enumerated().map { place, count in site("s\(place)", 10) { $0.recentCalls = count } }
        #expect(try await plan(problem(30, sites)).calls.map(\.resource.rawValue) == ["s1", "s3", "s4"])
        #expect(try await plan(problem(50, sites)).calls.map(\.resource.rawValue) == ["s1", "s2", "s3", "s4", "s5"])
    }

    @Test func `two short calls cover a long event`() async throws {
        func short(_ site: inout DispatchProblem.Resource) {
            site.minimumDuration = .minutes(30)
            site.maximumDuration = .minutes(30)
        }
        let plan = try await plan(problem(10, [site("a", 10, short), site("b", 10, short)]))
        #expect(Set(plan.calls.map(\.run)) == [0..<2, 2..<4])
    }

    @Test func `a few large unsure resources are not trusted as a normal distribution would`() async throws {
        // The normal margin of three is 27 - 1.28 * 5.2 = 20.3 kW, but only all three together deliver 20.2 kW (73 %).
        let sites = (0..<5).map { site("s\($0)", 10, optIn: 0.9) { $0.callCost = 0.5 } }
        let plan = try await plan(problem(20.2, sites))
        #expect(plan.calls.count == 4)
        #expect(abs((plan.totals[0].probability ?? 0) - 0.9477) < 1e-9)
    }

    @Test func `a target that cannot be met names the limit that broke, and by how much`() async throws {
        func reason(_ sites: [DispatchProblem.Resource], _ change: (inout DispatchProblem) -> Void = { _ in })
            async throws -> String
        {
            var problem = problem(10, sites)
            change(&problem)
            let plan = try await plan(problem)
            #expect(plan.status == .short)
            return plan.reason ?? ""
        }
        let little = try await reason([site("a", 3.25)])
        #expect(little.hasPrefix("6.7 kW are missing from 2026-07-01T17:00:00Z to 2026-07-01T18:00:00Z"), "\(little)")
        #expect(little.hasSuffix("the limit that broke: the capacity of all resources"), "\(little)")
        let cases: [(DispatchProblem.Resource, String)] = [
            (site("a", 10) { $0.notice = .hours(3) }, "the notice and the rest that resources need"),
            (site("a", 10) { $0.restingUntil = eventStart + .hours(2) }, "the notice and the rest that resources need"),
            (site("a", 10) { $0.callsLeft = 0 }, "resources without calls left"),
            (site("a", 10) { $0.minimumDuration = .hours(2) }, "the shortest and longest calls of resources"),
            (site("a", 12, optIn: 0.85), "the delivery probability"),
            (site("a", 10) { $0.resourceClass = .critical }, "the capacity of all resources"),
            (
                site("a", 10) { $0.maximumDuration = .minutes(30) },
                "what comes back of calls, and calls that are whole and have lengths"
            ),
        ]
        for (site, limit) in cases {
            let reason = try await reason([site])
            #expect(reason.hasSuffix("the limit that broke: \(limit)"), "\(reason)")
        }
        let feeder = try await reason([site("a", 12)]) {
            $0.feeders[0].shedLimit = [Double?](repeating: 5, count: Self.quarters)
        }
        #expect(feeder.hasSuffix("the limits of feeders"), "\(feeder)")
    }
}
