/// What the last master of a decomposition means for each resource: the mix of patterns that its feeder's proposals ask
/// for. Nearly everybody has one pattern only; who has several is undecided (at most about as many as limits bind, by
/// the Shapley-Folkman lemma). Of a class of equal ones each pattern gets as many as its weight says.
struct FractionalSchedule {
    /// The pattern with the most weight.
    private(set) var patterns: [PortfolioPattern]
    /// The patterns of undecided resources, heaviest first, by the first of their class.
    private(set) var undecided: [Int: [PortfolioPattern]] = [:]

    init(
        _ portfolio: Portfolio, _ outcome: FeederDecomposition.Outcome, _ classes: ResourceClasses,
        _ pricer: inout Pricer
    ) {
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
            for index in 0..<count where classes.isFirst(first + index) {
                let members = classes.members(of: first + index)
                let pattern = rows[0].patterns[index]
                if rows.allSatisfy({ $0.patterns[index] == pattern }) {
                    for member in members { patterns[member] = pattern }
                } else {
                    let ranked = Self.ranked(rows.map { ($0.patterns[index], $0.weight) })
                    undecided[first + index] = ranked.map(\.pattern)
                    share(members, ranked)
                }
            }
        }
    }

    /// Gives the members of a class the patterns by their weights; one by itself takes the heaviest.
    private mutating func share(_ members: [Int], _ ranked: [(pattern: PortfolioPattern, weight: Double)]) {
        guard members.count > 1 else { return patterns[members[0]] = ranked[0].pattern }
        var sum = 0.0
        var taken = 0
        for (pattern, weight) in ranked {
            sum += weight
            let end = min(members.count, Int((sum * Double(members.count)).rounded()))
            for member in members[min(taken, end)..<end] { patterns[member] = pattern }
            taken = max(taken, end)
        }
    }

    /// Patterns by their weights added up, heaviest first, equal ones in the order of their first appearance.
    private static func ranked(
        _ parts: [(PortfolioPattern, Double)]
    ) -> [(pattern: PortfolioPattern, weight: Double)] {
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
        }.map { ($0.element, weights[$0.element] ?? 0) }
    }
}
