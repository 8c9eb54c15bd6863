/// Finds each resource's cheapest pattern at given prices.
///
/// A pattern's reduced cost is a sum over its run, something at its start (the ramp) and something at its end (the
/// rebound). With prefix sums P it is `(start[s] - P[s]) + (P[e] + end[e])`, so all runs of a resource cost its
/// intervals once and one addition each.
struct PatternPricing {
    /// What pricing found for one resource.
    struct Choice {
        var pattern = PortfolioPattern.none
        /// The reduced cost, at most zero: not to call costs nothing.
        var reducedCost = 0.0
        /// How much more the second best choice costs, infinite without one; not to call is a choice too.
        var lead = Double.infinity
    }

    private let portfolio: Portfolio
    private let prices: PortfolioPrices
    private let width: Int
    private let first: Int

    init(_ portfolio: Portfolio, _ prices: PortfolioPrices) {
        self.portfolio = portfolio
        self.prices = prices
        width = portfolio.callable.count
        first = portfolio.callable.lowerBound
    }

    /// The cheapest choice of every resource of a feeder, in order, into `choices`.
    func choose(feeder: Int, into choices: UnsafeMutableBufferPointer<Choice>) {
        let range = portfolio.feederStarts[feeder]..<portfolio.feederStarts[feeder + 1]
        let coefficients = Coefficients(portfolio, prices, feeder)
        portfolio.means.withUnsafeBufferPointer { means in
            portfolio.variances.withUnsafeBufferPointer { variances in
                portfolio.rebounds.withUnsafeBufferPointer { rebounds in
                    portfolio.resources.withUnsafeBufferPointer { resources in
                        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * width + 2) { scratch in
                            for place in range {
                                var choice = Choice()
                                if resources[place].mayBeCalled {
                                    let row = Row(
                                        resource: resources[place], means: means.baseAddress.map { $0 + place * width },
                                        variances: variances.baseAddress.map { $0 + place * width },
                                        rebounds: rebounds.baseAddress.map { $0 + place * portfolio.reboundLength })
                                    each(row, coefficients, scratch) { start, end, level, cost in
                                        if cost < choice.reducedCost {
                                            choice.lead = choice.reducedCost - cost
                                            choice.reducedCost = cost
                                            choice.pattern = PortfolioPattern(start: start, end: end, level: level)
                                        } else if cost - choice.reducedCost < choice.lead {
                                            choice.lead = cost - choice.reducedCost
                                        }
                                    }
                                }
                                choices[place - range.lowerBound] = choice
                            }
                        }
                    }
                }
            }
        }
    }

    /// Every pattern of one resource with its reduced cost.
    func patterns(of resource: Int) -> [(pattern: PortfolioPattern, reducedCost: Double)] {
        guard portfolio.resources[resource].mayBeCalled else { return [] }
        let coefficients = Coefficients(portfolio, prices, Int(portfolio.resources[resource].feeder))
        var found: [(pattern: PortfolioPattern, reducedCost: Double)] = []
        portfolio.means.withUnsafeBufferPointer { means in
            portfolio.variances.withUnsafeBufferPointer { variances in
                portfolio.rebounds.withUnsafeBufferPointer { rebounds in
                    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * width + 2) { scratch in
                        let row = Row(
                            resource: portfolio.resources[resource],
                            means: means.baseAddress.map { $0 + resource * width },
                            variances: variances.baseAddress.map { $0 + resource * width },
                            rebounds: rebounds.baseAddress.map { $0 + resource * portfolio.reboundLength })
                        each(row, coefficients, scratch) { start, end, level, cost in
                            found.append((PortfolioPattern(start: start, end: end, level: level), cost))
                        }
                    }
                }
            }
        }
        return found
    }

    /// Where a resource's numbers lie.
    private struct Row {
        let resource: Portfolio.Resource
        let means: UnsafePointer<Double>?
        let variances: UnsafePointer<Double>?
        let rebounds: UnsafePointer<Double>?
    }

    /// What prices do to a kW of a feeder's resources in each callable interval.
    private struct Coefficients {
        /// Per kW of mean: the feeder's price less the delivery's.
        var mean: [Double] = []
        /// Per kW squared of variance.
        var variance: [Double] = []
        /// Per kW of rebound, in all intervals.
        var rebound: [Double]

        init(_ portfolio: Portfolio, _ prices: PortfolioPrices, _ feeder: Int) {
            let count = portfolio.intervalCount
            for interval in portfolio.callable {
                let price = prices.delivery[interval]
                let margin = portfolio.demands[interval]?.margin ?? .none
                mean.append(prices.shed[feeder * count + interval] - price * (1 - margin.meanFactor))
                variance.append(price * margin.varianceFactor)
            }
            rebound = (0..<count).map {
                prices.delivery[$0] + prices.rebound[$0] + prices.feederRebound[feeder * count + $0]
            }
        }
    }

    /// Calls `body` with every pattern of a resource: its first interval, the one after its last, level, reduced cost.
    @inline(__always)
    private func each(
        _ row: Row, _ coefficients: Coefficients, _ scratch: UnsafeMutableBufferPointer<Double>,
        _ body: (Int, Int, Int, Double) -> Void
    ) {
        let resource = row.resource
        let starts = UnsafeMutableBufferPointer(rebasing: scratch[0...width])
        let ends = UnsafeMutableBufferPointer(rebasing: scratch[(width + 1)...])
        guard let means = row.means, let variances = row.variances else { return }
        let lost = 1 - resource.firstShare
        let from = max(0, Int(resource.earliest) - first)
        guard from < width else { return }
        let levels = portfolio.levels[Int(resource.levels)]
        for level in levels.indices {
            let share = levels[level]
            var prefix = 0.0
            for column in from..<width {
                let priced =
                    share * means[column] * coefficients.mean[column]
                    + share * share * variances[column] * coefficients.variance[column]
                starts[column] = resource.callCost - lost * priced - prefix
                let energy = resource.energyPrice * means[column] * portfolio.hours[first + column]
                prefix += priced + share * (energy + resource.comfort)
                ends[column + 1] = prefix
            }
            if let rebounds = row.rebounds, portfolio.reboundLength > 0 {
                let count = portfolio.intervalCount
                for end in (from + 1)...width {
                    var sum = 0.0
                    for lag in 0..<min(portfolio.reboundLength, count - first - end) {
                        sum += rebounds[lag] * coefficients.rebound[first + end + lag]
                    }
                    ends[end] += share * sum
                }
            }
            for start in from..<width {
                let begin = portfolio.offsets[first + start]
                var end = start + 1
                while end <= width, means[end - 1] > 0 {
                    let duration = portfolio.offsets[first + end] - begin
                    if duration > resource.longest { break }
                    if duration >= resource.shortest {
                        body(first + start, first + end, level, starts[start] + ends[end])
                    }
                    end += 1
                }
            }
        }
    }
}
