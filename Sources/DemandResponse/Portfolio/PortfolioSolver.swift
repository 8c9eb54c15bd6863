public import Optimization

/// Solves a `Portfolio` of any size to a certified gap.
///
/// 1. Prices and a bound by the decomposition by feeder, on a sample first when there are many resources.
/// 2. Everybody takes the pattern that the prices choose. Who is undecided, and who is nearly so, form the core.
/// 3. The core is decided by exchanges and, where these do not reach the gap, by the mixed-integer solver and exchanges
///    from its answer. A portfolio that is small enough is its own core, and the solver's bound then counts too.
///
/// A plan always comes: limits of feeders and rebound are kept, and what cannot be delivered is a shortfall with its
/// price. The time limit ends each step early; equal input gives an equal plan when it does not.
public struct PortfolioSolver: Sendable {
    /// When good is good enough.
    public struct Limits: Hashable, Sendable {
        /// (cost - bound) / cost.
        public var gap = 1e-4
        /// Elapsed seconds.
        public var seconds = 300.0
        /// About how many resources the core has.
        public var coreResources = 1_000
        /// Elapsed seconds and nodes of the mixed-integer solver.
        public var coreSeconds = 10.0
        public var coreNodes = 400
        /// Pairs of changes that one series of exchanges looks at.
        public var exchangePairs = 10_000_000

        public init() {}
    }

    public var limits: Limits
    private let solver: any LinearSolver
    private let clock: @Sendable () -> Double

    /// - Parameter clock: seconds since some moment, for the time limits.
    public init(
        limits: Limits = Limits(), solver: any LinearSolver = CBCSolver(), clock: @escaping @Sendable () -> Double
    ) {
        self.limits = limits
        self.solver = solver
        self.clock = clock
    }

    /// - Parameter prices: of a problem nearly like it, where the search for prices then begins.
    public func solve(_ portfolio: Portfolio, near prices: PortfolioPrices? = nil) async -> PortfolioPlan {
        let deadline = clock() + limits.seconds
        let outcome = decompose(portfolio, deadline, near: prices)
        var search = CoreSearch(portfolio, outcome, limits)
        search.exchange()
        var reason: String?
        if search.gap > limits.gap, deadline > clock() {
            let seconds = min(limits.coreSeconds, deadline - clock())
            reason = await search.decide(
                solver,
                SolveLimits(
                    seconds: seconds, absoluteGap: 0.5 * limits.gap * max(search.bound, 0), nodes: limits.coreNodes,
                    usesCuts: search.isWhole))
        }
        while search.gap > limits.gap, deadline > clock(), search.shake() {}
        return search.plan(reason: search.gap > limits.gap ? reason ?? "the exchanges ended before the gap" : nil)
    }

    /// Above this many resources a sample gives the first prices.
    private static let sampled = 40_000

    private func decompose(
        _ portfolio: Portfolio, _ deadline: Double, near: PortfolioPrices? = nil
    ) -> FeederDecomposition.Outcome {
        var start = near ?? PortfolioPrices(portfolio)
        if near == nil, portfolio.resources.count > Self.sampled {
            start = decompose(portfolio.sample(every: 10), deadline).prices
        }
        var radius = 0.02 * (start.delivery.max() ?? 0)
        if radius <= 0 {
            start = PortfolioPrices(portfolio)
            let price = portfolio.meritOrderPrice()
            for interval in 0..<portfolio.intervalCount where portfolio.demands[interval] != nil {
                start.delivery[interval] = price * portfolio.hours[interval]
            }
            radius = 0.5 * (start.delivery.max() ?? 1)
        }
        var limits = FeederDecomposition.Limits()
        limits.seconds = max(0, 0.8 * (deadline - clock()))
        limits.precision = min(2e-6, 0.05 * self.limits.gap)
        return FeederDecomposition(portfolio: portfolio, limits: limits)
            .run(from: start, radius: max(radius, 1e-6), clock: clock)
    }
}
