/// What patterns use of the limits, and what they cost: sums over resources, all of them or one feeder's.
struct PortfolioActivity {
    private(set) var cost = 0.0
    /// Sure reduction less rebound in each interval with a target, kW.
    private(set) var delivery: [Double]
    /// Rebound of all resources in each interval, kW.
    private(set) var rebound: [Double]
    /// Expected reduction in each interval, before rebound, kW.
    private(set) var shed: [Double]

    init(_ portfolio: Portfolio) {
        delivery = [Double](repeating: 0, count: portfolio.intervalCount)
        rebound = delivery
        shed = delivery
    }

    mutating func add(_ pattern: PortfolioPattern, of resource: Int, _ portfolio: Portfolio, weight: Double = 1) {
        guard pattern.isCall else { return }
        let own = portfolio.resources[resource]
        let share = portfolio.share(pattern, of: resource)
        var cost = own.callCost
        var row = resource * portfolio.callable.count + Int(pattern.start) - portfolio.callable.lowerBound
        for interval in pattern.run {
            let mean = portfolio.means[row]
            let first = interval == Int(pattern.start) ? own.firstShare : 1
            cost += share * (own.energyPrice * mean * portfolio.hours[interval] + own.comfort)
            shed[interval] += weight * share * first * mean
            if let margin = portfolio.demands[interval]?.margin {
                let sure =
                    (1 - margin.meanFactor) * share * mean
                    - margin.varianceFactor * share * share * portfolio.variances[row]
                delivery[interval] += weight * first * sure
            }
            row += 1
        }
        self.cost += weight * cost
        let end = Int(pattern.end)
        for lag in 0..<min(portfolio.reboundLength, portfolio.intervalCount - end) {
            let power = weight * share * portfolio.rebounds[resource * portfolio.reboundLength + lag]
            rebound[end + lag] += power
            if portfolio.demands[end + lag] != nil { delivery[end + lag] -= power }
        }
    }

    mutating func add(_ other: PortfolioActivity) {
        cost += other.cost
        for interval in delivery.indices {
            delivery[interval] += other.delivery[interval]
            rebound[interval] += other.rebound[interval]
            shed[interval] += other.shed[interval]
        }
    }
}
