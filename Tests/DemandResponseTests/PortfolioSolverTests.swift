import Measures
import Testing

@testable import DemandResponse

@Suite struct PortfolioSolverTests {
    /// A short search: the suite runs unoptimised.
    let solver: PortfolioSolver = {
        var limits = PortfolioSolver.Limits()
        limits.gap = 0.005
        limits.exchangePairs = 20_000
        limits.coreResources = 60
        limits.coreNodes = 3_000
        return PortfolioSolver(limits: limits, clock: { 0 })
    }()

    @Test func `small portfolios: the bound lies under the exact optimum, the plan near it, and no limit is broken`()
        async
    {
        var generator = SeededGenerator(seed: 41)
        var worst = 0.0
        for _ in 0..<6 {
            let portfolio = randomPortfolio(&generator, count: 3, feeders: 2)
            let exact = ExactPortfolio(portfolio).leastCost()
            let plan = await solver.solve(portfolio)
            let count = ExactPortfolio(portfolio).cost(plan.patterns)
            #expect(count.broken == [])
            #expect(abs(count.cost - plan.cost) < 1e-6 * max(1, plan.cost))
            #expect(plan.bound <= exact * (1 + 1e-7) + 1e-7)
            #expect(plan.cost >= exact - 1e-6)
            worst = max(worst, plan.cost / max(exact, 1e-9) - 1)
        }
        #expect(worst < 0.02)
    }

    @Test func `a portfolio of many: the certified gap is small, nobody who may not be called is`() async {
        var generator = SeededGenerator(seed: 43)
        for _ in 0..<2 {
            let portfolio = randomPortfolio(&generator, count: 150, feeders: 4)
            let plan = await solver.solve(portfolio)
            let count = ExactPortfolio(portfolio).cost(plan.patterns)
            #expect(count.broken == [])
            #expect(abs(count.cost - plan.cost) < 1e-6 * plan.cost)
            #expect(plan.bound <= plan.cost)
            #expect(plan.gap < 0.1)
        }
    }

    @Test func `equal input gives an equal plan`() async {
        var generator = SeededGenerator(seed: 47)
        let portfolio = randomPortfolio(&generator, count: 12, feeders: 2)
        var limits = solver.limits
        // Nodes, not seconds, end the search.
        limits.coreNodes = 20
        let solver = PortfolioSolver(limits: limits, clock: { 0 })
        let first = await solver.solve(portfolio)
        #expect(await solver.solve(portfolio).patterns == first.patterns)
    }

    @Test func `a target beyond everybody is a shortfall with its price, not a failure`() async {
        var generator = SeededGenerator(seed: 53)
        var portfolio = randomPortfolio(&generator, count: 20, feeders: 2)
        for interval in 0..<portfolio.intervalCount {
            portfolio.demands[interval]?.target *= 100
        }
        let plan = await solver.solve(portfolio)
        #expect(plan.shortfall.contains { $0 > 0 })
        #expect(ExactPortfolio(portfolio).cost(plan.patterns).broken == [])
        #expect(plan.bound <= plan.cost)
    }

    @Test func `those who are alike are decided as one: the gap is proven however many they are`() async {
        var generator = SeededGenerator(seed: 61)
        let kinds = randomPortfolio(&generator, count: 6, feeders: 2)
        var exact = solver
        exact.limits.gap = 1e-5
        for times in [1, 7, 400] {
            let portfolio = kinds.repeated(times)
            let plan = await exact.solve(portfolio)
            let count = ExactPortfolio(portfolio).cost(plan.patterns)
            #expect(count.broken == [])
            #expect(abs(count.cost - plan.cost) < 1e-6 * plan.cost)
            #expect(plan.gap < 1e-4, "\(times) of each: \(plan.cost), \(plan.bound)")
        }
    }

    @Test func `one number more or less makes another class`() {
        var generator = SeededGenerator(seed: 67)
        let kinds = randomPortfolio(&generator, count: 5, feeders: 1)
        #expect(ResourceClasses(kinds.repeated(3)).firsts.count == 5)
        #expect(ResourceClasses(kinds.repeated(3)).members(of: 3) == [3, 4, 5])
        for change in 0..<4 {
            let other = kinds.repeated(2) { resource, means, variances, rebounds in
                switch change {
                case 0: resource.callCost += 1
                case 1: means[means.count - 1] += 1
                case 2: variances[0] += 1
                default: rebounds[1] += 1
                }
            }
            #expect(ResourceClasses(other).firsts.count == 6, "\(change)")
        }
    }

    @Test func `nobody to call: everything is missing`() async {
        var generator = SeededGenerator(seed: 59)
        let portfolio = randomPortfolio(&generator, count: 0, feeders: 1)
        let plan = await solver.solve(portfolio)
        #expect(plan.patterns.isEmpty)
        #expect(plan.shortfall.contains { $0 > 0 })
    }

    @Test func `the margin's tangent is exact where it touches, and safe elsewhere`() {
        let margin = DeliveryMargin(deviations: 1.2816, mean: 100, variance: 64, commonError: 0.05)
        func sure(_ mean: Double, _ variance: Double) -> Double {
            (1 - margin.meanFactor) * mean - margin.varianceFactor * variance - margin.constant
        }
        func exact(_ mean: Double, _ variance: Double) -> Double {
            mean - 1.2816 * (0.05 * 0.05 * mean * mean + variance).squareRoot()
        }
        #expect(abs(sure(100, 64) - exact(100, 64)) < 1e-9)
        let plain = DeliveryMargin(deviations: 1.2816, mean: 0, variance: 64)
        for variance in stride(from: 1.0, to: 400, by: 7) {
            let tangent = 100 - plain.varianceFactor * variance - plain.constant
            #expect(tangent <= 100 - 1.2816 * variance.squareRoot() + 1e-9)
        }
    }
}

/// Portfolios with everything in them: notice, durations, holes, ramps, rebound, levels, feeder limits.
func randomPortfolio(_ generator: inout SeededGenerator, count: Int, feeders: Int) -> Portfolio {
    let intervals = 8
    let callable = 1..<6
    let lags = 2
    var resources: [Portfolio.Resource] = []
    var means: [Double] = []
    var variances: [Double] = []
    var rebounds: [Double] = []
    var sum = 0.0
    for _ in 0..<count {
        var resource = Portfolio.Resource()
        resource.feeder = Int32.random(in: 0..<Int32(feeders), using: &generator)
        resource.earliest = Int32.random(in: 0...3, using: &generator)
        resource.shortest = 900 * Int32.random(in: 1...2, using: &generator)
        resource.longest = resource.shortest + 900 * Int32.random(in: 0...3, using: &generator)
        resource.levels = Int32.random(in: 0...1, using: &generator)
        resource.firstShare = Double.random(in: 0.5...1, using: &generator)
        resource.energyPrice = Double.random(in: 0.1...0.6, using: &generator)
        resource.callCost = Double.random(in: 0...2, using: &generator)
        resource.comfort = Double.random(in: 0...0.1, using: &generator)
        resource.mayBeCalled = Int.random(in: 0..<10, using: &generator) > 0
        let power = Double.random(in: 2...20, using: &generator)
        for _ in callable {
            let hole = Int.random(in: 0..<15, using: &generator) == 0
            let mean = hole ? 0 : power * Double.random(in: 0.8...1.2, using: &generator)
            means.append(mean)
            variances.append(0.02 * mean * mean)
            sum += mean / Double(callable.count)
        }
        resources.append(resource)
        for lag in 0..<lags { rebounds.append(power * (lag == 0 ? 0.2 : 0.05)) }
    }
    let demands: [Portfolio.Demand?] = (0..<intervals).map { interval in
        guard interval >= 2, interval < 6 else { return nil }
        return Portfolio.Demand(
            target: 5 + 0.4 * sum, margin: DeliveryMargin(deviations: 1.2816, mean: 0, variance: 0.02 * sum * 10))
    }
    return Portfolio(
        hours: [Double](repeating: 0.25, count: intervals), offsets: (0...Int32(intervals)).map { $0 * 900 },
        callable: callable, demands: demands, shortfallPrice: 6,
        reboundLimit: (0..<intervals).map { $0 < 6 ? .infinity : 0.1 * sum },
        feeders: (0..<feeders).map { _ in
            Portfolio.Feeder(
                shedLimit: (0..<intervals).map { _ in 0.7 * sum / Double(feeders) },
                reboundLimit: (0..<intervals).map { $0 < 6 ? .infinity : 0.15 * sum / Double(feeders) })
        },
        levels: [[1], [0.5, 1]], resources: resources, means: means, variances: variances, rebounds: rebounds,
        reboundLength: lags)
}

extension Portfolio {
    /// Each resource so often, with targets and limits to match; `change` is done to the last one.
    fileprivate func repeated(
        _ times: Int,
        change: (inout Resource, inout [Double], inout [Double], inout [Double]) -> Void = { _, _, _, _ in }
    ) -> Portfolio {
        let share = Double(times)
        var all: [Resource] = []
        var rows: (means: [Double], variances: [Double], rebounds: [Double]) = ([], [], [])
        for place in resources.indices {
            let width = callable.count
            for copy in 1...times {
                var resource = resources[place]
                var means = Array(means[place * width..<(place + 1) * width])
                var variances = Array(variances[place * width..<(place + 1) * width])
                var rebounds = Array(rebounds[place * reboundLength..<(place + 1) * reboundLength])
                if place == resources.count - 1, copy == times { change(&resource, &means, &variances, &rebounds) }
                all.append(resource)
                rows.means += means
                rows.variances += variances
                rows.rebounds += rebounds
            }
        }
        return Portfolio(
            hours: hours, offsets: offsets, callable: callable,
            demands: demands.map { $0.map { Demand(target: $0.target * share, margin: $0.margin) } },
            shortfallPrice: shortfallPrice, reboundLimit: reboundLimit.map { $0 * share },
            feeders: feeders.map { feeder in
                Feeder(
                    shedLimit: feeder.shedLimit.map { $0 * share },
                    reboundLimit: feeder.reboundLimit.map { $0 * share })
            },
            levels: levels, resources: all, means: rows.means, variances: rows.variances, rebounds: rows.rebounds,
            reboundLength: reboundLength)
    }
}

/// Enumerates every plan of a small portfolio, and counts any plan in its own words.
struct ExactPortfolio {
    let portfolio: Portfolio

    init(_ portfolio: Portfolio) {
        self.portfolio = portfolio
    }

    private func patterns(of place: Int) -> [PortfolioPattern] {
        let resource = portfolio.resources[place]
        var patterns = [PortfolioPattern.none]
        guard resource.mayBeCalled else { return patterns }
        for start in portfolio.callable where start >= Int(resource.earliest) {
            for end in (start + 1)...portfolio.callable.upperBound {
                let seconds = Int32(end - start) * 900
                guard seconds >= resource.shortest, seconds <= resource.longest else { continue }
                guard (start..<end).allSatisfy({ mean(place, $0) > 0 }) else { continue }
                for level in portfolio.levels[Int(resource.levels)].indices {
                    patterns.append(PortfolioPattern(start: start, end: end, level: level))
                }
            }
        }
        return patterns
    }

    private func mean(_ place: Int, _ interval: Int) -> Double {
        portfolio.means[place * portfolio.callable.count + interval - portfolio.callable.lowerBound]
    }

    func leastCost() -> Double {
        var best = Double.infinity
        var chosen: [PortfolioPattern] = []
        func search(_ place: Int) {
            guard place < portfolio.resources.count else {
                let count = cost(chosen)
                if count.broken.isEmpty { best = min(best, count.cost) }
                return
            }
            for pattern in patterns(of: place) {
                chosen.append(pattern)
                if cost(chosen, isWhole: false).broken.isEmpty { search(place + 1) }
                chosen.removeLast()
            }
        }
        search(0)
        return best
    }

    func cost(_ plan: [PortfolioPattern], isWhole: Bool = true) -> (cost: Double, broken: [String]) {
        let count = portfolio.intervalCount
        var cost = 0.0
        var broken: [String] = []
        var sure = [Double](repeating: 0, count: count)
        var rebound = sure
        var shed = [[Double]](repeating: sure, count: portfolio.feeders.count)
        var feederRebound = shed
        for (place, pattern) in plan.enumerated() where pattern.isCall {
            if !patterns(of: place).contains(pattern) { broken.append("pattern of \(place)") }
            let resource = portfolio.resources[place]
            let feeder = Int(resource.feeder)
            let level = portfolio.levels[Int(resource.levels)][Int(pattern.level)]
            cost += resource.callCost
            for interval in pattern.run {
                let power = level * mean(place, interval)
                cost += resource.energyPrice * power * 0.25 + level * resource.comfort
                let first = interval == Int(pattern.start) ? resource.firstShare : 1
                shed[feeder][interval] += first * power
                if let margin = portfolio.demands[interval]?.margin {
                    let index = place * portfolio.callable.count + interval - portfolio.callable.lowerBound
                    sure[interval] +=
                        first * (power - margin.varianceFactor * level * level * portfolio.variances[index])
                }
            }
            for lag in 0..<portfolio.reboundLength where Int(pattern.end) + lag < count {
                let power = level * portfolio.rebounds[place * portfolio.reboundLength + lag]
                sure[Int(pattern.end) + lag] -= power
                rebound[Int(pattern.end) + lag] += power
                feederRebound[feeder][Int(pattern.end) + lag] += power
            }
        }
        for interval in 0..<count {
            if rebound[interval] > portfolio.reboundLimit[interval] + 1e-5 { broken.append("rebound \(interval)") }
            for (feeder, limits) in portfolio.feeders.enumerated() {
                if shed[feeder][interval] > limits.shedLimit[interval] + 1e-5 { broken.append("shed \(feeder)") }
                if feederRebound[feeder][interval] > limits.reboundLimit[interval] + 1e-5 {
                    broken.append("rebound of feeder \(feeder)")
                }
            }
            if isWhole, let demand = portfolio.demands[interval] {
                cost += max(0, demand.needed - sure[interval]) * 6 * 0.25
            }
        }
        return (cost, broken)
    }
}
