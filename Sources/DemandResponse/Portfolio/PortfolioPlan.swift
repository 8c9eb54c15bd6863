/// Whom to call of a portfolio, what it costs, and how far from the best it can be.
public struct PortfolioPlan: Sendable {
    /// Everybody's pattern, in the portfolio's order.
    public internal(set) var patterns: [PortfolioPattern]
    /// What the calls and the shortfall cost.
    public let cost: Double
    /// No plan of the portfolio costs less.
    public let bound: Double
    /// The price of each limit.
    public let prices: PortfolioPrices
    /// What is missing to each interval's target with its margin, kW.
    public let shortfall: [Double]
    /// How often everybody was priced.
    public let rounds: Int
    /// Resources that the core model decided, zero when it was not needed.
    public let coreResources: Int
    /// Why the plan is not within the gap that was asked for; nil when it is.
    public let reason: String?

    /// (cost - bound) / cost.
    public var gap: Double { cost > bound ? (cost - bound) / max(abs(cost), 1e-9) : 0 }
}

/// A limit that a plan breaks, and by how much, kW.
public struct PortfolioExcess: Hashable, Sendable {
    public enum Limit: Hashable, Sendable {
        case rebound(interval: Int)
        case shed(feeder: Int, interval: Int)
        case feederRebound(feeder: Int, interval: Int)
    }

    public let limit: Limit
    public let power: Double
}

/// A plan added up: cost, shortfall and every limit that it breaks.
struct PortfolioAccount {
    private(set) var cost: Double
    private(set) var shortfall: [Double]
    private(set) var excess: [PortfolioExcess] = []

    init(_ portfolio: Portfolio, _ patterns: [PortfolioPattern]) {
        let count = portfolio.intervalCount
        var total = PortfolioActivity(portfolio)
        for (feeder, limits) in portfolio.feeders.enumerated() {
            var own = PortfolioActivity(portfolio)
            for resource in portfolio.feederStarts[feeder]..<portfolio.feederStarts[feeder + 1] {
                own.add(patterns[resource], of: resource, portfolio)
            }
            for interval in 0..<count {
                let shed = own.shed[interval] - limits.shedLimit[interval]
                if shed > Self.tolerance(limits.shedLimit[interval]) {
                    excess.append(.init(limit: .shed(feeder: feeder, interval: interval), power: shed))
                }
                let rebound = own.rebound[interval] - limits.reboundLimit[interval]
                if rebound > Self.tolerance(limits.reboundLimit[interval]) {
                    excess.append(.init(limit: .feederRebound(feeder: feeder, interval: interval), power: rebound))
                }
            }
            total.add(own)
        }
        for interval in 0..<count {
            let rebound = total.rebound[interval] - portfolio.reboundLimit[interval]
            if rebound > Self.tolerance(portfolio.reboundLimit[interval]) {
                excess.append(.init(limit: .rebound(interval: interval), power: rebound))
            }
        }
        cost = total.cost
        shortfall = (0..<count).map { interval in
            guard let demand = portfolio.demands[interval] else { return 0 }
            let missing = demand.needed - total.delivery[interval]
            return missing > Self.tolerance(demand.needed) ? missing : 0
        }
        for interval in 0..<count { cost += shortfall[interval] * portfolio.shortfallPrice(in: interval) }
    }

    /// As a solver counts it.
    private static func tolerance(_ limit: Double) -> Double { 1e-7 * max(1, abs(limit)) }
}
