import Measures
public import Optimization

/// Plans a `DispatchProblem`: solves it, looks at what the plan truly delivers, and solves again with the margins moved to
/// where the plan is, until every target is met surely enough. The cheapest plan that is wins.
///
/// The margin of the model is normal, the calls are not: who takes part is yes or no, and a few large sites count. So each
/// plan is judged by its own distribution (`DeliveryOdds`), and what that lacks, or has in excess, is asked for on top of
/// the target. What cannot be delivered is said: how much, where, how surely. Equal input gives an equal plan as long as
/// no limit of seconds is reached.
public struct PortfolioPlanner: Sendable {
    public var limits: PortfolioSolver.Limits
    /// At most so many solves.
    public var passes = 8
    private let solver: any LinearSolver
    private let clock: @Sendable () -> Double

    /// Above this many resources one pass is not repeated for a few parts in a thousand.
    private static let large = 50_000
    /// How far under the probability asked for a plan may be: the accuracy of the odds.
    static let tolerance = 5e-4
    /// A shortfall of the model under this share of the target is made good by asking for more, not declared: it comes
    /// from calls that are whole.
    private static let smallShortfall = 0.01
    /// What is asked for on top of what was lacking, in standard deviations, so that one more pass is enough.
    private static let spare = 0.001

    /// - Parameter clock: seconds since some moment, for the time limits.
    public init(
        limits: PortfolioSolver.Limits = .init(), solver: any LinearSolver = CBCSolver(),
        clock: @escaping @Sendable () -> Double
    ) {
        self.limits = limits
        self.solver = solver
        self.clock = clock
    }

    /// One solve, and what it delivers.
    private struct Attempt {
        let plan: PortfolioPlan
        let tangents: [DispatchProblem.Tangent?]
        let odds: [DeliveryOdds?]
        /// What is declared to be missing to each target, kW.
        let missing: [Double]
        /// How far under the probability asked for each interval is, with what is declared to be missing taken off.
        let lacks: [Double]

        var lack: Double { lacks.reduce(0) { $0 + max(0, $1 - PortfolioPlanner.tolerance) } }

        func isBetter(than other: Attempt) -> Bool {
            if abs(lack - other.lack) > 1e-9 { return lack < other.lack }
            return plan.cost < other.plan.cost - 1e-9
        }
    }

    public func plan(_ problem: DispatchProblem) async throws(DispatchProblemError) -> DispatchProposal {
        try problem.check()
        let deadline = clock() + limits.seconds
        var tangents = problem.firstTangents()
        var portfolio = problem.portfolio(tangents)
        // Passes change the demands, not the resources.
        let classes = ResourceClasses(portfolio)
        var best: Attempt?
        var prices: PortfolioPrices?
        var count = 0
        var sure = 0
        while count < passes {
            portfolio.demands = problem.demands(tangents)
            var solver = PortfolioSolver(limits: limits, solver: self.solver, clock: clock)
            solver.limits.seconds = max(1, deadline - clock())
            var plan = await solver.solve(portfolio, near: prices)
            plan.patterns = problem.leastCalledFirst(portfolio, classes, plan.patterns)
            count += 1
            prices = plan.prices
            let attempt = judge(problem, portfolio, plan, tangents, declares: Self.smallShortfall)
            let isRepeated = best.map { $0.plan.patterns == plan.patterns } ?? false
            if best.map(attempt.isBetter) ?? true { best = attempt }
            if attempt.lack == 0 { sure += 1 }
            let isEnough = problem.resources.count > Self.large ? 1 : 3
            if sure >= isEnough || (attempt.lack == 0 && isRepeated) || clock() > deadline { break }
            if problem.marginVariance.isEmpty || attempt.lack > 0 {
                tangents = moved(problem, attempt)
            } else {
                break
            }
        }
        guard var best else { throw DispatchProblemError(place: "passes", reason: "none is allowed") }
        portfolio.demands = problem.demands(best.tangents)
        // What could not be made good is said.
        if best.lack > 0 { best = judge(problem, portfolio, best.plan, best.tangents, declares: 0) }
        return proposal(problem, portfolio, best, passes: count)
    }

    /// - Parameter declares: the share of a target from which on the model's shortfall is declared to be missing.
    private func judge(
        _ problem: DispatchProblem, _ portfolio: Portfolio, _ plan: PortfolioPlan,
        _ tangents: [DispatchProblem.Tangent?], declares: Double
    ) -> Attempt {
        let odds = problem.odds(portfolio, plan.patterns)
        let missing = problem.target.indices.map { interval in
            let target = problem.target[interval] ?? 0
            return plan.shortfall[interval] > declares * target ? min(plan.shortfall[interval], target) : 0
        }
        let lacks = problem.target.indices.map { interval in
            guard let target = problem.target[interval], target > 0, let odds = odds[interval] else { return 0.0 }
            let promised = target - missing[interval]
            return promised > 0 ? problem.deliveryProbability - odds.probability(ofAtLeast: promised) : 0
        }
        return Attempt(plan: plan, tangents: tangents, odds: odds, missing: missing, lacks: lacks)
    }

    /// The tangents where an attempt is, and on top what its true distribution is short of, or beyond, the normal one.
    private func moved(_ problem: DispatchProblem, _ attempt: Attempt) -> [DispatchProblem.Tangent?] {
        let deviations = Normal.quantile(problem.deliveryProbability)
        return attempt.tangents.enumerated().map { interval, old in
            guard let old, let odds = attempt.odds[interval], let target = problem.target[interval] else { return nil }
            let variance = odds.deviation * odds.deviation
            let common = problem.commonError * odds.mean
            let normal = odds.mean - deviations * (common * common + variance).squareRoot()
            let delivered = odds.delivered(withProbability: problem.deliveryProbability)
            var extra = max(normal - delivered, -0.5 * target)
            if attempt.lacks[interval] > Self.tolerance {
                let lacking = max(0, target - attempt.missing[interval] - delivered)
                extra = max(extra, old.extra + lacking + Self.spare * odds.deviation)
            }
            return DispatchProblem.Tangent(
                mean: odds.mean, variance: variance > 0 ? variance : old.variance, extra: min(extra, 10 * target))
        }
    }

    private func proposal(
        _ problem: DispatchProblem, _ portfolio: Portfolio, _ attempt: Attempt, passes: Int
    ) -> DispatchProposal {
        let plan = attempt.plan
        let total = PortfolioActivity(portfolio, plan.patterns)
        let totals = problem.target.indices.map { interval in
            let target = problem.target[interval].flatMap { $0 > 0 ? $0 : nil }
            let odds = attempt.odds[interval]
            return DispatchProposal.Total(
                interval: interval, target: target, shortfall: attempt.missing[interval],
                expected: odds?.mean ?? 0, deviation: odds?.deviation ?? 0,
                probability: target.flatMap { target in
                    odds?.probability(ofAtLeast: max(0, target - attempt.missing[interval]))
                },
                rebound: total.rebound[interval]
                    + problem.committed.reduce(0) { $0 + $1.optIn * $1.rebound[interval] },
                price: plan.prices.delivery[interval],
                reboundPrice: plan.prices.rebound[interval], tangent: attempt.tangents[interval])
        }
        var feederPrices: [DispatchProposal.FeederPrice] = []
        for feeder in problem.feeders.indices {
            for interval in 0..<problem.intervalCount {
                let place = feeder * problem.intervalCount + interval
                let shed = plan.prices.shed[place]
                let rebound = plan.prices.feederRebound[place]
                if shed > 0 || rebound > 0 {
                    feederPrices.append(.init(feeder: feeder, interval: interval, shed: shed, rebound: rebound))
                }
            }
        }
        var shortfallCost = 0.0
        for interval in plan.shortfall.indices {
            shortfallCost += plan.shortfall[interval] * portfolio.shortfallPrice(in: interval)
        }
        let (status, reason) = verdict(problem, attempt)
        return DispatchProposal(
            calls: problem.calls(portfolio, plan), totals: totals, feederPrices: feederPrices, cost: plan.cost,
            shortfallCost: shortfallCost, bound: plan.bound, status: status, reason: reason, passes: passes,
            rounds: plan.rounds, candidates: portfolio.resources.count { $0.mayBeCalled })
    }

    /// What is missing to an interval's target at the probability asked for, kW.
    private func shortness(_ problem: DispatchProblem, _ attempt: Attempt, _ interval: Int) -> Double {
        guard let target = problem.target[interval], let odds = attempt.odds[interval] else { return 0 }
        return max(0, target - odds.delivered(withProbability: problem.deliveryProbability))
    }

    private func verdict(
        _ problem: DispatchProblem, _ attempt: Attempt
    ) -> (DispatchProposal.Status, String?) {
        // Neighbours with the same fault are one.
        var faults: [(what: String, run: Range<Int>)] = []
        func add(_ what: String, _ interval: Int) {
            if let place = faults.lastIndex(where: { $0.what == what }), faults[place].run.upperBound == interval {
                faults[place].run = faults[place].run.lowerBound..<(interval + 1)
            } else {
                faults.append((what, interval..<(interval + 1)))
            }
        }
        for interval in problem.target.indices {
            if attempt.missing[interval] > 1e-6 { add("\(attempt.missing[interval].tenths) kW are missing", interval) }
            if attempt.lacks[interval] > Self.tolerance {
                let reached = (problem.deliveryProbability - attempt.lacks[interval]) * 100
                let asked = (problem.deliveryProbability * 100).tenths
                add("the target is met with \(reached.tenths) %, not \(asked) %,", interval)
            }
        }
        let sentences = faults.map { fault in
            let window = problem.window(fault.run)
            return "\(fault.what) from \(window.start) to \(window.end)"
        }
        guard sentences.isEmpty else {
            let worst = problem.target.indices.max { shortness(problem, attempt, $0) < shortness(problem, attempt, $1) }
            let limit = BrokenLimit(problem).words(worst ?? 0)
            return (.short, sentences.joined(separator: "; ") + "; the limit that broke: \(limit)")
        }
        return attempt.plan.gap <= limits.gap ? (.withinGap, nil) : (.gapNotReached, attempt.plan.reason)
    }
}

extension Double {
    /// One decimal, rounded down.
    fileprivate var tenths: String {
        let tenths = Int64((self * 10 + 1e-6).rounded(.down))
        return "\(tenths / 10).\(tenths.magnitude % 10)"
    }
}

extension DispatchProblem {
    /// What patterns deliver in each interval with a target or after a call, as a distribution.
    func odds(_ portfolio: Portfolio, _ patterns: [PortfolioPattern]) -> [DeliveryOdds?] {
        var parts = [[DeliveryOdds.Part]](repeating: [], count: intervalCount)
        for (place, pattern) in patterns.enumerated() where pattern.isCall {
            let resource = resources[Int(portfolio.givenPlaces[place])]
            let share = resource.levels[Int(pattern.level)]
            for interval in pattern.run {
                let part = share * (interval == Int(pattern.start) ? resource.firstShare : 1)
                parts[interval].append(
                    .init(
                        probability: resource.optIn, mean: part * resource.capacity[interval],
                        deviation: part * resource.standardError[interval]))
            }
            for (lag, power) in resource.rebound.enumerated() where Int(pattern.end) + lag < intervalCount {
                guard target[Int(pattern.end) + lag] != nil else { continue }
                parts[Int(pattern.end) + lag].append(
                    .init(probability: resource.optIn, mean: -share * power, deviation: 0))
            }
        }
        for commitment in committed {
            for interval in target.indices where commitment.power[interval] > 0 || commitment.rebound[interval] > 0 {
                guard target[interval] != nil || commitment.power[interval] > 0 else { continue }
                parts[interval].append(
                    .init(
                        probability: commitment.optIn, mean: commitment.net(interval),
                        deviation: commitment.standardError[interval]))
            }
        }
        return parts.map { $0.isEmpty ? nil : DeliveryOdds($0, commonError: commonError) }
            .enumerated().map { interval, odds in
                odds ?? (target[interval] != nil ? DeliveryOdds([], commonError: commonError) : nil)
            }
    }

    /// The calls of a plan, in the order of the problem's resources.
    fileprivate func calls(_ portfolio: Portfolio, _ plan: PortfolioPlan) -> [DispatchProposal.Call] {
        let pricing = PatternPricing(portfolio, plan.prices)
        var calls: [(given: Int, call: DispatchProposal.Call)] = []
        for (place, pattern) in plan.patterns.enumerated() where pattern.isCall {
            let given = Int(portfolio.givenPlaces[place])
            let resource = resources[given]
            let share = resource.levels[Int(pattern.level)]
            let asked = pattern.run.map { share * resource.capacity[$0] }
            let expected = pattern.run.map { interval in
                share * resource.optIn * resource.capacity[interval]
                    * (interval == Int(pattern.start) ? resource.firstShare : 1)
            }
            var own = Double.infinity
            var other = 0.0
            for choice in pricing.patterns(of: place) {
                if choice.pattern == pattern {
                    own = choice.reducedCost
                } else {
                    other = min(other, choice.reducedCost)
                }
            }
            calls.append(
                (
                    given,
                    .init(
                        resource: resource.name, first: Int(pattern.start), end: Int(pattern.end),
                        level: Int(pattern.level) + 1, share: share, asked: asked, expected: expected,
                        cost: portfolio.cost(pattern, of: place), lead: own.isFinite ? other - own : nil)
                ))
        }
        return calls.sorted { $0.given < $1.given }.map(\.call)
    }
}

extension PortfolioActivity {
    /// Of a whole plan.
    init(_ portfolio: Portfolio, _ patterns: [PortfolioPattern]) {
        self.init(portfolio)
        for (resource, pattern) in patterns.enumerated() where pattern.isCall { add(pattern, of: resource, portfolio) }
    }
}
