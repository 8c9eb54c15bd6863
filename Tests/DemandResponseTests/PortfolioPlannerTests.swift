import DemandResponse
import Measures
import Optimization
import Testing

@Suite struct PortfolioPlannerTests {
    /// Nodes and pairs end every search, so that it can be repeated.
    static func planner(gap: Double = 0.02) -> PortfolioPlanner {
        var limits = PortfolioSolver.Limits()
        limits.gap = gap
        limits.exchangePairs = 20_000
        limits.coreNodes = 50
        return PortfolioPlanner(limits: limits, clock: { 0 })
    }

    /// The short form of the fuzzing campaign in `Scripts/fuzz-dispatch`.
    @Test func `no limit is broken, no critical resource called, no bound above the optimum, whatever the portfolio`()
        async throws
    {
        var enumerated = 0
        var calls = 0
        for seed in 0..<40 {
            var generator = SplitMix64(seed: UInt64(seed))
            let problem = randomProblem(&generator, resources: 1...(seed % 20 == 0 ? 30 : 4))
            let check = ProblemCheck(problem)
            let plan = try await Self.planner().plan(problem)
            calls += plan.calls.count
            #expect(check.violations(plan) == [], "seed \(seed)")
            if let least = check.leastCost(plan, most: 2_000) {
                enumerated += 1
                #expect(plan.bound <= least * (1 + 1e-7) + 1e-7, "seed \(seed)")
                #expect(plan.cost >= least * (1 - 1e-7) - 1e-7, "seed \(seed)")
            }
        }
        #expect(enumerated >= 10 && calls >= 30)
    }

    @Test func `the checker finds what it is for`() async throws {
        let problem = try similar(count: 30)
        let plan = try await Self.planner().plan(problem)
        let check = ProblemCheck(problem)
        #expect(check.violations(plan) == [])
        let called = try #require(plan.calls.first).resource
        func broken(_ change: (inout DispatchProblem, Int) -> Void) throws -> [String] {
            var other = problem
            let place = try #require(problem.resources.firstIndex { $0.name == called })
            change(&other, place)
            return ProblemCheck(other).violations(plan)
        }
        #expect(try broken { $0.resources[$1].resourceClass = .critical }.contains { $0.contains("critical") })
        #expect(try broken { $0.resources[$1].callsLeft = 0 }.contains { $0.contains("calls left") })
        #expect(try broken { $0.resources[$1].notice = .hours(9) }.contains { $0.contains("notice") })
        #expect(try broken { $0.resources[$1].minimumDuration = .hours(9) }.contains { $0.contains("too short") })
        #expect(try broken { $0.resources[$1].maximumDuration = .seconds(1) }.contains { $0.contains("too long") })
        #expect(try broken { $0.resources[$1].restingUntil = $0.start + .hours(9) }.contains { $0.contains("rest") })
        #expect(try broken { $0.resources[$1].levels = [0.1] }.contains { $0.contains("level") })
        #expect(
            try broken { changed, _ in
                changed.feeders[0].shedLimit = [Double?](repeating: 0.1, count: changed.intervalCount)
            }.contains { $0.contains("shed") })
    }

    /// A portfolio of similar sites, a third of which is asked for.
    private func similar(count: Int, commonError: Double = 0) throws -> DispatchProblem {
        var generator = SplitMix64(seed: UInt64(count))
        let start = Instant(secondsSinceEpoch: 1_784_221_200)
        var sum = 0.0
        var problem = DispatchProblem(
            decidedAt: start - .hours(1), start: start, step: .minutes(15), target: [nil, 1, 1, 1, nil],
            callable: 0..<4, shortfallPrice: 100, reboundLimit: [nil, nil, nil, nil, nil],
            feeders: [DispatchProblem.withoutLimits("all", 5)], resources: [])
        for place in 0..<count {
            let power = Double.random(in: 2...10, using: &generator)
            var site = DispatchProblem.Resource(
                name: ResourceName("site-\(place)"), capacity: [Double](repeating: power, count: 5),
                standardError: [Double](repeating: 0.2 * power, count: 5))
            site.optIn = Double.random(in: 0.75...0.98, using: &generator)
            site.energyPrice = Double.random(in: 0.1...0.5, using: &generator)
            site.callCost = Double.random(in: 0.1...1, using: &generator)
            site.firstShare = 0.7
            site.rebound = [0.3 * power]
            sum += site.optIn * power
            problem.resources.append(site)
        }
        problem.target = [nil, sum / 3, sum / 3, sum / 3, nil]
        problem.commonError = commonError
        return problem
    }

    /// Takes part or not, errors of its own and the shared one, each for the whole event.
    private func delivered(_ plan: DispatchProposal, _ problem: DispatchProblem, draws: Int) -> [Double] {
        var generator = SplitMix64(seed: 77)
        func normal() -> Double {
            let radius = (-2 * logarithm(Double.random(in: 1e-12...1, using: &generator))).squareRoot()
            return radius * cosine(2 * .pi * Double.random(in: 0...1, using: &generator))
        }
        let sites = Dictionary(uniqueKeysWithValues: problem.resources.map { ($0.name, $0) })
        let calls = plan.calls.compactMap { call in sites[call.resource].map { (call, $0) } }
        var hits = [Int](repeating: 0, count: problem.intervalCount)
        for _ in 0..<draws {
            var power = [Double](repeating: 0, count: problem.intervalCount)
            for (call, site) in calls where Double.random(in: 0..<1, using: &generator) < site.optIn {
                let error = normal()
                for interval in call.run {
                    let first = interval == call.first ? site.firstShare : 1
                    power[interval] +=
                        call.share * first * (site.capacity[interval] + error * site.standardError[interval])
                }
                for (lag, back) in site.rebound.enumerated() where call.end + lag < power.count {
                    power[call.end + lag] -= call.share * back
                }
            }
            let common = 1 + problem.commonError * normal()
            for (interval, target) in problem.target.enumerated() {
                if let target, power[interval] * common >= target - 1e-9 { hits[interval] += 1 }
            }
        }
        return problem.target.indices.filter { problem.target[$0] != nil }.map { Double(hits[$0]) / Double(draws) }
    }

    @Test(arguments: [(6, 0.0), (25, 0.0), (25, 0.05), (150, 0.0), (150, 0.05)])
    func `draws deliver the target as often as was asked for`(_ count: Int, _ commonError: Double) async throws {
        let problem = try similar(count: count, commonError: commonError)
        let plan = try await Self.planner().plan(problem)
        #expect(plan.status != .short)
        let shares = delivered(plan, problem, draws: 20_000)
        for (share, total) in zip(shares, plan.totals.filter { $0.target != nil }) {
            // Two in a thousand are the draws' own error.
            #expect(share >= (commonError == 0 ? 0.893 : 0.88), "\(count)")
            #expect(abs(share - (total.probability ?? 0)) < 0.01, "\(count)")
        }
    }

    @Test func `what cannot be delivered is said, with its amount and its place`() async throws {
        var problem = try similar(count: 5)
        problem.target = problem.target.map { $0.map { $0 * 10 } }
        let plan = try await Self.planner().plan(problem)
        #expect(plan.status == .short)
        #expect(plan.reason?.contains("kW are missing from") == true)
        #expect(plan.shortfallCost > 0)
        #expect(ProblemCheck(problem).violations(plan) == [])
    }

    /// What one site's earlier call brings when it takes part.
    private func commitment(
        _ problem: DispatchProblem, _ power: Double, optIn: Double = 1
    ) -> DispatchProblem.Commitment {
        let count = problem.intervalCount
        return DispatchProblem.Commitment(
            name: ResourceName("told"), optIn: optIn,
            power: problem.target.map { $0 == nil ? 0 : power },
            standardError: [Double](repeating: 0, count: count), rebound: [Double](repeating: 0, count: count))
    }

    @Test func `what is promised already counts, and only the rest is called`() async throws {
        var problem = try similar(count: 60)
        let target = try #require(problem.target[1])
        let whole = try await Self.planner().plan(problem)
        problem.committed = [commitment(problem, 0.5 * target)]
        let rest = try await Self.planner().plan(problem)
        #expect(ProblemCheck(problem).violations(rest) == [])
        #expect(rest.status == .withinGap && rest.cost < 0.7 * whole.cost && !rest.calls.isEmpty)
        #expect(rest.totals[1].expected > target)
        // Who may stay away is counted on for less.
        problem.committed = [commitment(problem, 0.5 * target, optIn: 0.6)]
        let unsure = try await Self.planner().plan(problem)
        #expect(ProblemCheck(problem).violations(unsure) == [])
        #expect(unsure.cost > 1.2 * rest.cost)
        problem.committed = [commitment(problem, 1.2 * target)]
        let done = try await Self.planner().plan(problem)
        #expect(done.calls.isEmpty && done.cost == 0 && done.status == .withinGap)
        problem.committed[0].power = [1]
        #expect(throws: DispatchProblemError.self) { try problem.check() }
    }

    @Test func `equal input gives an equal plan`() async throws {
        let problem = try similar(count: 40, commonError: 0.02)
        #expect(try await Self.planner().plan(problem) == Self.planner().plan(problem))
    }

    @Test func `every resource has a reason, and the prices bear it out`() async throws {
        var problem = try similar(count: 30)
        problem.resources[0].resourceClass = .critical
        problem.resources[1].callsLeft = 0
        problem.resources[2].notice = .hours(5)
        problem.resources[3].restingUntil = problem.start + .hours(5)
        problem.resources[4].capacity = [0, 0, 0, 0, 0]
        problem.resources[5].minimumDuration = .hours(3)
        problem.resources[6].energyPrice = 50
        let plan = try await Self.planner().plan(problem)
        let reasons = problem.explain(plan)
        #expect(reasons.count == 30)
        #expect(
            reasons.prefix(7).map(\.reason)
                == [.critical, .noCallsLeft, .notice, .resting, .noCapacity, .duration, .tooDear])
        #expect(Set(reasons.filter(\.isCalled).map(\.resource)) == Set(plan.calls.map(\.resource)))
        for reason in reasons {
            if reason.reason == .worthIt { #expect((reason.worth ?? 0) >= (reason.cost ?? 1)) }
            if reason.reason == .tooDear { #expect((reason.worth ?? 1) < (reason.cost ?? 0)) }
        }
        #expect(problem.explain(plan, [ResourceName("site-6")]).count == 1)
    }

    @Test func `a problem that makes no sense is refused with its place`() async throws {
        let site = "resources[1] (site-1)"
        let flaws: [(place: String, change: (inout DispatchProblem) -> Void)] = [
            ("target", { $0.target = [nil, nil, nil, nil, nil] }),
            ("step", { $0.step = .zero }),
            ("deliveryProbability", { $0.deliveryProbability = 0.3 }),
            ("commonError", { $0.commonError = 2 }),
            ("callable", { $0.callable = 2..<9 }),
            ("reboundLimit", { $0.reboundLimit = [-1, nil, nil, nil, nil] }),
            (site, { $0.resources[1].optIn = 0 }),
            (site, { $0.resources[1].capacity = [1] }),
            (site, { $0.resources[1].capacity[2] = .nan }),
            (site, { $0.resources[1].levels = [1, 0.5] }),
            (site, { $0.resources[1].energyPrice = -1 }),
            (site, { $0.resources[1].feeder = 7 }),
            ("resources[1] (site-0)", { $0.resources[1].name = ResourceName("site-0") }),
            (site, { $0.resources[1].maximumDuration = -.seconds(1) }),
        ]
        for (place, change) in flaws {
            var problem = try similar(count: 3)
            change(&problem)
            let flawed = problem
            await #expect(throws: DispatchProblemError.self, "\(place)") {
                try await Self.planner().plan(flawed)
            }
            do { try flawed.check() } catch { #expect(error.place == place) }
        }
    }
}
