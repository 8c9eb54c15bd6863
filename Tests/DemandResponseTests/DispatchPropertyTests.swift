import DemandResponse
import Measures
import Testing

@Suite struct DispatchPropertyTests {
    /// Random portfolios and targets; what comes back is a sound plan or a refusal that reachability bears out.
    @Test func `a plan breaks no limit, whatever the portfolio`() async throws {
        var generator = SeededGenerator(seed: 11)
        var plans = 0
        var refusals = 0
        for _ in 0..<60 {
            let sites = try randomSites(&generator, count: Int.random(in: 1...10, using: &generator))
            let request = try DispatchRequest.reduction(
                kilowatts: Double.random(in: 1...40, using: &generator),
                probability: [0.5, 0.8, 0.9, 0.95].randomElement(using: &generator) ?? 0.9)
            switch try await DispatchPlanner().plan(request, resources: sites) {
            case .plan(let plan):
                plans += 1
                #expect(IndependentCheck(sites).problems(plan) == [])
                #expect(plan.calls.count + plan.notCalled.count == sites.count)
                #expect((plan.bound?.minorUnits ?? 0) <= plan.cost.minorUnits)
            case .refused(let refusal):
                refusals += 1
                #expect(refusal.reachable < refusal.target)
            }
        }
        #expect(plans >= 10 && refusals >= 5)
    }

    @Test func `the cost of small plans is near the exact optimum`() async throws {
        var generator = SeededGenerator(seed: 23)
        var compared = 0
        var worst = 1.0
        for _ in 0..<80 {
            let sites = try randomSites(&generator, count: 5, quarters: 2)
            let request = try DispatchRequest.reduction(
                kilowatts: Double.random(in: 4...20, using: &generator), quarters: 2, probability: 0.8)
            let exact = ExactDispatch(request, sites).leastCost()
            guard case .plan(let plan) = try await DispatchPlanner().plan(request, resources: sites) else {
                // A joint refusal may be wrong only where the exact optimum does not exist either.
                #expect(exact == nil)
                continue
            }
            let least = try #require(exact)
            compared += 1
            let ratio = Double(plan.cost.minorUnits) / max(1, least * 100)
            #expect(ratio > 0.99)
            worst = max(worst, ratio)
        }
        print("exact dispatch: \(compared) compared, worst cost ratio \(worst)")
        #expect(compared >= 20)
        #expect(worst < 1.05)
    }

    @Test func `100,000 draws deliver the target as often as the plan says`() async throws {
        var generator = SeededGenerator(seed: 3)
        let sites = try randomSites(&generator, count: 40)
        let request = try DispatchRequest.reduction(kilowatts: 80)
        guard case .plan(let plan) = try await DispatchPlanner().plan(request, resources: sites) else {
            Issue.record("refused")
            return
        }
        let delivered = MonteCarlo(plan, sites).deliveredShare(draws: 100_000, &generator)
        print("Monte Carlo: \(delivered), the plan says \(plan.totals.map(\.probability)), \(plan.calls.count) calls")
        for (share, total) in zip(delivered, plan.totals) {
            #expect(share >= 0.895)
            #expect(abs(share - total.probability) < 0.012)
        }
    }
}

/// Looks at every limit of a plan again, in its own words.
struct IndependentCheck {
    let sites: [ResourceName: DispatchResource]

    init(_ sites: [DispatchResource]) {
        self.sites = Dictionary(uniqueKeysWithValues: sites.map { ($0.name, $0) })
    }

    func problems(_ plan: DispatchPlan) -> [String] {
        var problems: [String] = []
        var seen: [ResourceName] = []
        var expected = [Double](repeating: 0, count: plan.request.intervals.count)
        for call in plan.calls {
            guard let site = sites[call.resource] else { return ["unknown \(call.resource)"] }
            func expect(_ holds: Bool, _ text: String) {
                if !holds { problems.append("\(call.resource): \(text)") }
            }
            let first = plan.request.intervals[call.run.first ?? 0]
            let last = plan.request.intervals[call.run.last ?? 0]
            expect(!seen.contains(call.resource), "twice")
            expect(site.resourceClass != .critical, "critical")
            expect(site.limits.callsLeft > 0, "calls")
            expect(first.start - plan.request.decidedAt >= site.limits.notice, "notice")
            expect(last.end - first.start >= site.limits.minimumDuration, "too short")
            expect(last.end - first.start <= site.limits.maximumDuration, "too long")
            expect(site.levels.contains(call.level), "level")
            seen.append(call.resource)
            for index in call.run {
                expected[index] += call.level * site.optInProbability * site.capacity[index].value
            }
        }
        for (total, sum) in zip(plan.totals, expected) where abs(total.expected.value - sum) > 1e-6 {
            problems.append("total \(total.expected) is not \(sum)")
        }
        for total in plan.totals where total.probability < plan.request.deliveryProbability {
            problems.append("probability \(total.probability)")
        }
        return problems
    }
}

/// Every combination of calls of a small portfolio, judged by enumeration of who takes part.
struct ExactDispatch {
    let request: DispatchRequest
    let sites: [DispatchResource]

    init(_ request: DispatchRequest, _ sites: [DispatchResource]) {
        self.request = request
        self.sites = sites
    }

    struct Choice {
        let run: Range<Int>
        let level: Double
    }

    /// Currency units; nil when no combination is sure enough.
    func leastCost() -> Double? {
        var best: Double?
        search(0, [], 0, &best)
        return best
    }

    private func search(_ index: Int, _ chosen: [Choice?], _ cost: Double, _ best: inout Double?) {
        guard cost < best ?? .infinity else { return }
        guard index < sites.count else {
            if isSureEnough(chosen) { best = cost }
            return
        }
        search(index + 1, chosen + [nil], cost, &best)
        for choice in choices(sites[index]) {
            search(index + 1, chosen + [choice], cost + self.cost(choice, sites[index]), &best)
        }
    }

    private func choices(_ site: DispatchResource) -> [Choice] {
        guard site.resourceClass != .critical, site.limits.callsLeft > 0 else { return [] }
        var choices: [Choice] = []
        for first in request.intervals.indices {
            for last in first..<request.intervals.count {
                let duration = request.intervals[last].end - request.intervals[first].start
                guard request.intervals[first].start >= request.decidedAt + site.limits.notice,
                    duration >= site.limits.minimumDuration, duration <= site.limits.maximumDuration
                else { continue }
                choices += site.levels.map { Choice(run: first..<(last + 1), level: $0) }
            }
        }
        return choices
    }

    private func cost(_ choice: Choice, _ site: DispatchResource) -> Double {
        let energy = choice.run.reduce(0) {
            $0 + choice.level * site.optInProbability * site.capacity[$1].kilowatts
                * request.intervals[$1].duration.hours
        }
        return energy * site.energyPrice.unitsPerKilowattHour + Double(site.callCost.minorUnits) / 100
    }

    private func isSureEnough(_ chosen: [Choice?]) -> Bool {
        request.intervals.indices.allSatisfy { interval in
            var probability = 0.0
            for bits in 0..<(1 << sites.count) {
                var weight = 1.0
                var mean = 0.0
                var variance = 0.0
                for (index, site) in sites.enumerated() {
                    let isIn = bits >> index & 1 == 1
                    weight *= isIn ? site.optInProbability : 1 - site.optInProbability
                    guard isIn, let choice = chosen[index], choice.run.contains(interval) else { continue }
                    let error = choice.level * site.standardError[interval].value
                    mean += choice.level * site.capacity[interval].value
                    variance += error * error
                }
                let target = request.target[interval].value
                if variance > 0 {
                    probability += weight * normalProbability(below: (mean - target) / variance.squareRoot())
                } else if mean >= target {
                    probability += weight
                }
            }
            return probability >= request.deliveryProbability
        }
    }
}

/// Draws who takes part and how wrong the forecasts were.
struct MonteCarlo {
    let plan: DispatchPlan
    let sites: [ResourceName: DispatchResource]

    init(_ plan: DispatchPlan, _ sites: [DispatchResource]) {
        self.plan = plan
        self.sites = Dictionary(uniqueKeysWithValues: sites.map { ($0.name, $0) })
    }

    /// The share of draws that deliver at least the target, for each interval.
    func deliveredShare(draws: Int, _ generator: inout SeededGenerator) -> [Double] {
        let count = plan.request.intervals.count
        let called = plan.calls.compactMap { call in sites[call.resource].map { (call, $0) } }
        var hits = [Int](repeating: 0, count: count)
        for _ in 0..<draws {
            var power = [Double](repeating: 0, count: count)
            for (call, site) in called where generator.unit() < site.optInProbability {
                for index in call.run {
                    let error = site.standardError[index].value
                    let load = site.capacity[index].value + (error > 0 ? error * generator.normal() : 0)
                    power[index] += call.level * load
                }
            }
            for index in 0..<count where power[index] >= plan.request.target[index].value { hits[index] += 1 }
        }
        return hits.map { Double($0) / Double(draws) }
    }
}
