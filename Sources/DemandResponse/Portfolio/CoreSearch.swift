import Measures
import Optimization

/// The search for a whole plan near the prices of a decomposition: the core, the best plan so far, and the ways to a
/// better one.
struct CoreSearch {
    private let portfolio: Portfolio
    private let limits: PortfolioSolver.Limits
    private let outcome: FeederDecomposition.Outcome
    private let core: PortfolioCore
    /// Everybody and every pattern is in the core, so a bound of the core is one of the portfolio.
    let isWhole: Bool
    private(set) var bound: Double
    private(set) var best: [PortfolioPattern]
    private(set) var cost: Double
    private var generator = SplitMix64(seed: 7)
    private var shakes = 0
    /// Shakes since the last one that helped.
    private var idle = 0
    /// The distance from the bound that is good enough.
    private let goal: Double

    /// Portfolios with at most this many patterns are solved whole.
    private static let wholePatterns = 12_000
    /// Choices of one resource in the core.
    private static let choices = 8
    /// More than any saving: what a broken kW costs in the exchanges, in shortfall prices.
    private static let penalty = 2_000.0
    private static let mostShakes = 60
    private static let mostIdle = 12

    init(_ portfolio: Portfolio, _ outcome: FeederDecomposition.Outcome, _ limits: PortfolioSolver.Limits) {
        self.portfolio = portfolio
        self.outcome = outcome
        // Nothing costs less than nothing: a target that is met already needs no plan.
        bound = max(0, outcome.bound)
        goal = max(0, 0.9 * limits.gap * outcome.bound)
        self.limits = limits
        var pricer = Pricer(portfolio)
        let classes = ResourceClasses(portfolio)
        let schedule = FractionalSchedule(portfolio, outcome, classes, &pricer)
        let selection = CoreSelection(portfolio, outcome.prices, schedule, classes, &pricer)
        let whole = selection.everything(atMost: Self.wholePatterns)
        isWhole = whole != nil
        core = PortfolioCore(
            portfolio, outcome.prices, base: schedule.patterns,
            groups: whole ?? selection.nearest(limits.coreResources, choices: Self.choices))
        best = PortfolioRepair(portfolio: portfolio).repaired(schedule.patterns)
        cost = PortfolioAccount(portfolio, best).cost
    }

    var gap: Double { cost > bound ? (cost - bound) / max(abs(cost), 1e-9) : 0 }

    /// Takes a plan when it is cheaper than the best one and breaks nothing.
    private mutating func take(_ patterns: [PortfolioPattern]) {
        var patterns = patterns
        var account = PortfolioAccount(portfolio, patterns)
        if !account.excess.isEmpty {
            patterns = PortfolioRepair(portfolio: portfolio).repaired(patterns)
            account = PortfolioAccount(portfolio, patterns)
        }
        guard account.cost < cost else { return }
        best = patterns
        cost = account.cost
    }

    private func makeExchange(_ patterns: [PortfolioPattern]) -> PortfolioExchange {
        PortfolioExchange(
            core, patterns: patterns, penalty: Self.penalty * portfolio.shortfallPrice, work: limits.exchangePairs)
    }

    /// From the schedule of the prices.
    mutating func exchange() {
        guard !core.groups.isEmpty else { return }
        var exchange = makeExchange(core.base)
        exchange.run(goal: goal)
        take(exchange.patterns())
    }

    /// Lets the solver decide the core, then exchanges from its answer. Returns why there is none.
    mutating func decide(_ solver: any LinearSolver, _ limits: SolveLimits) async -> String? {
        guard !core.groups.isEmpty else { return "nobody can be called otherwise" }
        let model: (LinearModel, [[LinearModel.ColumnID]])
        do {
            model = try core.model(penalty: isWhole ? nil : Self.penalty * portfolio.shortfallPrice)
        } catch {
            return "the core model cannot be built: \(error)"
        }
        let outcome = await solver.solve(model.0, limits: limits)
        guard let solution = outcome.solution else { return "the core was not decided: \(outcome)" }
        if isWhole, solution.bound > 0 { bound = max(bound, min(self.outcome.bound + solution.bound, cost)) }
        let patterns = core.patterns(solution, model.1)
        take(patterns)
        var exchange = makeExchange(patterns)
        exchange.run(goal: goal)
        take(exchange.patterns())
        return solution.quality == .limitReached ? "the core model's limits came before the gap" : nil
    }

    /// Changes a few choices of the best plan at random and exchanges from there; false when it was tried often enough.
    mutating func shake() -> Bool {
        guard shakes < Self.mostShakes, idle < Self.mostIdle, core.groups.count > 1 else { return false }
        shakes += 1
        let before = cost
        var exchange = makeExchange(best)
        exchange.shake(3 + shakes % 6, &generator)
        exchange.run(goal: goal)
        take(exchange.patterns())
        idle = cost < before ? 0 : idle + 1
        return true
    }

    func plan(reason: String?) -> PortfolioPlan {
        PortfolioPlan(
            patterns: best, cost: cost, bound: min(bound, cost), prices: outcome.prices,
            shortfall: PortfolioAccount(portfolio, best).shortfall, rounds: outcome.rounds,
            coreResources: core.groups.reduce(0) { $0 + $1.members.count }, reason: reason)
    }
}
