/// The Dantzig-Wolfe decomposition of a portfolio by feeder: prices of the limits, a bound that no plan can beat, and a
/// schedule in which few resources are undecided.
///
/// In each round every feeder answers the present prices with its cheapest proposal; the master finds better prices
/// near the best ones so far. The Lagrangian at any prices of zero or more, the cost of everybody's cheapest choice, is
/// a lower bound, so the bound holds whenever the rounds end.
///
/// G. B. Dantzig and P. Wolfe, "Decomposition principle for linear programs", Operations Research 8 (1960); the box: R.
/// E. Marsten, W. W. Hogan and J. W. Blankenship, "The boxstep method", Operations Research 23 (1975).
struct FeederDecomposition {
    struct Limits {
        var rounds = 200
        /// The rounds end when the bound cannot grow by more than this share.
        var precision = 2e-6
        var seconds = 600.0
    }

    /// What the rounds found.
    struct Outcome {
        var prices: PortfolioPrices
        /// No plan costs less.
        var bound: Double
        var rounds: Int
        /// The proposals that the last master mixes, by feeder.
        var weights: [(proposal: FeederMaster.Proposal, weight: Double)]
        /// The prices of each round.
        var history: [PortfolioPrices]
    }

    let portfolio: Portfolio
    let limits: Limits

    /// - Parameter clock: seconds since some moment.
    func run(from start: PortfolioPrices, radius firstRadius: Double, clock: () -> Double) -> Outcome {
        let deadline = clock() + limits.seconds
        var master = FeederMaster(portfolio)
        var pricer = Pricer(portfolio)
        var outcome = Outcome(prices: start, bound: -.infinity, rounds: 0, weights: [], history: [])
        var radius = firstRadius
        var candidate = start
        var promised = Double.infinity
        while outcome.rounds < limits.rounds {
            let (value, proposals) = pricer.respond(to: candidate, round: outcome.rounds)
            outcome.history.append(candidate)
            outcome.rounds += 1
            let gain = value - outcome.bound
            if gain > 0 {
                let isGood = gain > 0.25 * (promised - outcome.bound)
                outcome.bound = value
                outcome.prices = candidate
                if promised.isFinite, isGood { radius *= 2 }
            } else {
                radius *= 0.6
            }
            master.add(proposals)
            let left = deadline - clock()
            guard left > 0, let answer = master.solve(center: outcome.prices, radius: radius, seconds: left) else {
                break
            }
            outcome.weights = answer.weights
            promised = answer.value
            candidate = answer.prices
            let scale = max(abs(outcome.bound), 1e-9)
            if promised - outcome.bound <= limits.precision * scale {
                break
            }
        }
        return outcome
    }
}

/// Answers prices with everybody's cheapest pattern.
struct Pricer {
    private let portfolio: Portfolio
    private var choices: [PatternPricing.Choice]

    init(_ portfolio: Portfolio) {
        self.portfolio = portfolio
        let starts = portfolio.feederStarts
        choices = [PatternPricing.Choice](
            repeating: .init(), count: zip(starts, starts.dropFirst()).map { $1 - $0 }.max() ?? 0)
    }

    /// The Lagrangian's value, and each feeder's proposal.
    mutating func respond(to prices: PortfolioPrices, round: Int) -> (Double, [FeederMaster.Proposal]) {
        var value = prices.worth(of: portfolio)
        var proposals: [FeederMaster.Proposal] = []
        let portfolio = portfolio
        visit(prices) { feeder, first, choices in
            var activity = PortfolioActivity(portfolio)
            var reduced = 0.0
            for (index, choice) in choices.enumerated() where choice.pattern.isCall {
                activity.add(choice.pattern, of: first + index, portfolio)
                reduced += choice.reducedCost
            }
            value += reduced
            proposals.append(.init(feeder: feeder, round: round, activity: activity))
        }
        return (value, proposals)
    }

    /// Calls `body` with each feeder, the place of its first resource, and the choices of its resources.
    mutating func visit(
        _ prices: PortfolioPrices, feeders: some Sequence<Int>,
        _ body: (Int, Int, UnsafeMutableBufferPointer<PatternPricing.Choice>) -> Void
    ) {
        let pricing = PatternPricing(portfolio, prices)
        let starts = portfolio.feederStarts
        choices.withUnsafeMutableBufferPointer { buffer in
            for feeder in feeders {
                let count = starts[feeder + 1] - starts[feeder]
                pricing.choose(feeder: feeder, into: buffer)
                body(feeder, starts[feeder], UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }

    mutating func visit(
        _ prices: PortfolioPrices,
        _ body: (Int, Int, UnsafeMutableBufferPointer<PatternPricing.Choice>) -> Void
    ) {
        visit(prices, feeders: portfolio.feeders.indices, body)
    }
}
