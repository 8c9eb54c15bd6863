/// What the last master of a decomposition means for each resource: the mix of patterns that its feeder's proposals ask
/// for. Nearly everybody has one pattern only; who has several is undecided (at most about as many as limits bind, by
/// the Shapley-Folkman lemma).
struct FractionalSchedule {
    /// The pattern with the most weight.
    private(set) var patterns: [PortfolioPattern]
    /// The patterns of undecided resources, heaviest first.
    private(set) var undecided: [Int: [PortfolioPattern]] = [:]

    init(_ portfolio: Portfolio, _ outcome: FeederDecomposition.Outcome, _ pricer: inout Pricer) {
        patterns = [PortfolioPattern](repeating: .none, count: portfolio.resources.count)
        var mixes = [[(round: Int?, weight: Double)]](repeating: [], count: portfolio.feeders.count)
        for (proposal, weight) in outcome.weights where weight > 1e-6 {
            mixes[proposal.feeder].append((proposal.round, weight))
        }
        for (feeder, mix) in mixes.enumerated() where !mix.isEmpty {
            let first = portfolio.feederStarts[feeder]
            let count = portfolio.feederStarts[feeder + 1] - first
            var rows: [(patterns: [PortfolioPattern], weight: Double)] = []
            for part in mix {
                var row = [PortfolioPattern](repeating: .none, count: count)
                if let round = part.round {
                    pricer.visit(outcome.history[round], feeders: CollectionOfOne(feeder)) { _, _, choices in
                        for (index, choice) in choices.enumerated() { row[index] = choice.pattern }
                    }
                }
                rows.append((row, part.weight))
            }
            for index in 0..<count {
                let pattern = rows[0].patterns[index]
                if rows.allSatisfy({ $0.patterns[index] == pattern }) {
                    patterns[first + index] = pattern
                } else {
                    let ranked = Self.ranked(rows.map { ($0.patterns[index], $0.weight) })
                    patterns[first + index] = ranked[0]
                    undecided[first + index] = ranked
                }
            }
        }
    }

    /// Patterns by their weights added up, heaviest first, equal ones in the order of their first appearance.
    private static func ranked(_ parts: [(PortfolioPattern, Double)]) -> [PortfolioPattern] {
        var order: [PortfolioPattern] = []
        var weights: [PortfolioPattern: Double] = [:]
        for (pattern, weight) in parts {
            if weights[pattern] == nil { order.append(pattern) }
            weights[pattern, default: 0] += weight
        }
        return order.enumerated().sorted {
            let left = weights[$0.element] ?? 0
            let right = weights[$1.element] ?? 0
            return left == right ? $0.offset < $1.offset : left > right
        }.map(\.element)
    }
}
