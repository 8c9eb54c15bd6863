/// Resources of a feeder that are alike in everything a plan looks at. They have the same patterns at the same cost, so a
/// plan is how many of a class take each of them: thermostats of one programme without forecasts of their own are decided
/// as one, exactly.
struct ResourceClasses {
    /// For each resource the first of its class.
    private let firstOf: [Int32]
    /// The members of each class of two or more, by its first one, in order.
    private let members: [Int32: [Int32]]

    init(_ portfolio: Portfolio) {
        var firstOf = (0..<Int32(portfolio.resources.count)).map { $0 }
        var members: [Int32: [Int32]] = [:]
        let rows = ResourceRows(portfolio)
        for feeder in portfolio.feeders.indices {
            var known: [Int: Int32] = [:]
            for place in portfolio.feederStarts[feeder]..<portfolio.feederStarts[feeder + 1] {
                let hash = rows.hash(of: place)
                guard let first = known[hash] else {
                    known[hash] = Int32(place)
                    continue
                }
                // Another one with the same hash stays by itself.
                guard rows.areEqual(Int(first), place) else { continue }
                firstOf[place] = first
                members[first, default: [first]].append(Int32(place))
            }
        }
        self.firstOf = firstOf
        self.members = members
    }

    /// All that are like a resource which is the first of its class, itself too.
    func members(of first: Int) -> [Int] {
        members[Int32(first)]?.map { Int($0) } ?? [first]
    }

    func isFirst(_ resource: Int) -> Bool { firstOf[resource] == resource }

    /// The first of each class, in order.
    var firsts: [Int] { firstOf.indices.filter(isFirst) }
}

/// All numbers of each resource of a portfolio.
private struct ResourceRows {
    private let portfolio: Portfolio
    private let matrices: [(numbers: [Double], width: Int)]

    init(_ portfolio: Portfolio) {
        self.portfolio = portfolio
        matrices = [
            (portfolio.means, portfolio.callable.count), (portfolio.variances, portfolio.callable.count),
            (portfolio.rebounds, portfolio.reboundLength),
        ]
    }

    func hash(of place: Int) -> Int {
        var hasher = Hasher()
        hasher.combine(portfolio.resources[place])
        for matrix in matrices {
            for number in matrix.numbers[place * matrix.width..<(place + 1) * matrix.width] { hasher.combine(number) }
        }
        return hasher.finalize()
    }

    func areEqual(_ one: Int, _ other: Int) -> Bool {
        portfolio.resources[one] == portfolio.resources[other]
            && matrices.allSatisfy { numbers, width in
                numbers[one * width..<(one + 1) * width].elementsEqual(numbers[other * width..<(other + 1) * width])
            }
    }
}
