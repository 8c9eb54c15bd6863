/// The price of each limit of a portfolio: the duals of its linear program, all zero or more.
public struct PortfolioPrices: Hashable, Sendable {
    /// For one kW more of sure reduction in each interval: what operators see as the price of the target.
    public internal(set) var delivery: [Double]
    /// For one kW of rebound of all resources, in each interval.
    public internal(set) var rebound: [Double]
    /// For one kW shed on each feeder in each interval: F rows of T.
    public internal(set) var shed: [Double]
    /// For one kW of rebound on each feeder in each interval: F rows of T.
    public internal(set) var feederRebound: [Double]

    init(_ portfolio: Portfolio) {
        delivery = [Double](repeating: 0, count: portfolio.intervalCount)
        rebound = delivery
        shed = [Double](repeating: 0, count: portfolio.intervalCount * portfolio.feeders.count)
        feederRebound = shed
    }

    /// What the limits themselves are worth at these prices: the constant of the Lagrangian.
    func worth(of portfolio: Portfolio) -> Double {
        var worth = 0.0
        let count = portfolio.intervalCount
        for interval in 0..<count {
            if let demand = portfolio.demands[interval] { worth += delivery[interval] * demand.needed }
            if rebound[interval] > 0 { worth -= rebound[interval] * portfolio.reboundLimit[interval] }
        }
        for (feeder, limits) in portfolio.feeders.enumerated() {
            for interval in 0..<count {
                let place = feeder * count + interval
                if shed[place] > 0 { worth -= shed[place] * limits.shedLimit[interval] }
                if feederRebound[place] > 0 { worth -= feederRebound[place] * limits.reboundLimit[interval] }
            }
        }
        return worth
    }
}
