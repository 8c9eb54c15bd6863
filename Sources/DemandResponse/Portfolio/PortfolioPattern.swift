/// One way to call a resource of a `Portfolio`: a run of intervals at one of its levels; or not at all.
public struct PortfolioPattern: Hashable, Sendable {
    /// The first interval.
    public let start: Int16
    /// The interval after the last one.
    public let end: Int16
    /// The place of the level among the resource's levels.
    public let level: Int16

    public init(start: Int, end: Int, level: Int = 0) {
        self.start = Int16(start)
        self.end = Int16(end)
        self.level = Int16(level)
    }

    /// Not called.
    public static let none = PortfolioPattern(start: 0, end: 0)

    public var isCall: Bool { end > start }
    public var run: Range<Int> { Int(start)..<Int(end) }
}

extension Portfolio {
    /// The share of the capacity that a pattern asks for.
    func share(_ pattern: PortfolioPattern, of resource: Int) -> Double {
        levels[Int(resources[resource].levels)][Int(pattern.level)]
    }

    /// The expected reduction in an interval of the run, kW.
    func mean(_ pattern: PortfolioPattern, of resource: Int, at interval: Int) -> Double {
        let first = interval == Int(pattern.start) ? resources[resource].firstShare : 1
        return share(pattern, of: resource) * first * means[resource * callable.count + interval - callable.lowerBound]
    }

    /// The variance of the reduction in an interval of the run, kW squared.
    func variance(_ pattern: PortfolioPattern, of resource: Int, at interval: Int) -> Double {
        let share = share(pattern, of: resource)
        let first = interval == Int(pattern.start) ? resources[resource].firstShare : 1
        return share * share * first
            * variances[resource * callable.count + interval - callable.lowerBound]
    }

    /// The expected rebound `lag` intervals after the end of the run, kW.
    func rebound(_ pattern: PortfolioPattern, of resource: Int, lag: Int) -> Double {
        share(pattern, of: resource) * rebounds[resource * reboundLength + lag]
    }

    /// What a pattern is expected to cost.
    func cost(_ pattern: PortfolioPattern, of resource: Int) -> Double {
        guard pattern.isCall else { return 0 }
        let own = resources[resource]
        let share = share(pattern, of: resource)
        var cost = own.callCost
        for interval in pattern.run {
            let mean = means[resource * callable.count + interval - callable.lowerBound]
            cost += share * (own.energyPrice * mean * hours[interval] + own.comfort)
        }
        return cost
    }
}

extension Portfolio {
    /// Mean (rebound of earlier calls taken off) and variance of what patterns deliver in an interval, kW and kW squared.
    public func moments(of patterns: [PortfolioPattern], at interval: Int) -> (mean: Double, variance: Double) {
        var mean = 0.0
        var variance = 0.0
        for (resource, pattern) in patterns.enumerated() where pattern.isCall {
            if pattern.run.contains(interval) {
                mean += self.mean(pattern, of: resource, at: interval)
                variance += self.variance(pattern, of: resource, at: interval)
            }
            let lag = interval - Int(pattern.end)
            if lag >= 0, lag < reboundLength { mean -= rebound(pattern, of: resource, lag: lag) }
        }
        return (mean, variance)
    }
}
