import Measures

/// Makes a whole plan cheaper by other choices of one core resource, or of two at once, until no pair helps or the work
/// is used up. Works on a core's distance from the bound, so it knows how much is left to gain. Of a class whose members are
/// alike it moves a few of each pattern that is taken.
struct PortfolioExchange {
    /// The limits that a core's choices share: those of the portfolio, then those of each touched feeder.
    private struct Rows {
        /// What is left of each limit; negative where it is broken or the target is missed.
        var slack: [Double] = []
        /// What a unit that is left costs.
        var price: [Double] = []
        /// What a unit that is missing costs.
        var penalty: [Double] = []
    }

    private let core: PortfolioCore
    /// Rows of the whole portfolio come first.
    private let globalCount: Int
    /// Where each touched feeder's rows begin, and how many each has.
    private let feederRows: [Int: Int]
    private let feederCount: Int
    private var rows = Rows()
    /// A resource that can be moved, and the core's group whose choices it has.
    private var movers: [(resource: Int, group: Int)] = []
    /// Everybody's pattern; those of the movers are placeholders.
    private var fixed: [PortfolioPattern]
    /// For each choice of each mover, flat: its use of the global rows, then of its feeder's rows.
    private var uses: [Double] = []
    private var leads: [Double] = []
    /// What the choices of members that cannot be moved cost more than the cheapest.
    private var fixedLead = 0.0
    private var starts: [Int] = [0]
    private var feederRow: [Int] = []
    private var moverOf: [Int] = []
    /// The chosen place of each mover, into the flat lists.
    private(set) var chosen: [Int] = []
    /// How many pairs may still be looked at.
    private var work: Int

    /// Of a class as many can be moved of each pattern that its members have.
    private static let alike = 4

    /// - Parameters:
    ///   - patterns: the present plan; a core resource's pattern that is not among its choices is replaced by its first.
    ///   - penalty: what a kW beyond a limit costs here, more than any saving.
    init(_ core: PortfolioCore, patterns: [PortfolioPattern], penalty: Double, work: Int) {
        self.core = core
        self.work = work
        fixed = core.base
        let portfolio = core.portfolio
        let prices = core.prices
        let count = portfolio.intervalCount
        let targets = (0..<count).filter { portfolio.demands[$0] != nil }
        let rebounds = (0..<count).filter { portfolio.reboundLimit[$0].isFinite }
        var rows = Rows()
        for interval in targets {
            let needed = portfolio.demands[interval]?.needed ?? 0
            rows.slack.append(core.others.delivery[interval] - needed)
            rows.price.append(prices.delivery[interval])
            rows.penalty.append(portfolio.shortfallPrice(in: interval) - prices.delivery[interval])
        }
        for interval in rebounds {
            rows.slack.append(portfolio.reboundLimit[interval] - core.others.rebound[interval])
            rows.price.append(prices.rebound[interval])
            rows.penalty.append(penalty)
        }
        globalCount = rows.slack.count
        var feederRows: [Int: Int] = [:]
        for feeder in core.feeders.keys.sorted() {
            guard let used = core.feeders[feeder] else { continue }
            feederRows[feeder] = rows.slack.count
            let limits = portfolio.feeders[feeder]
            for interval in 0..<count {
                let place = feeder * count + interval
                rows.slack.append(limits.shedLimit[interval] - used.shed[interval])
                rows.price.append(prices.shed[place])
                rows.penalty.append(penalty)
                rows.slack.append(limits.reboundLimit[interval] - used.rebound[interval])
                rows.price.append(prices.feederRebound[place])
                rows.penalty.append(penalty)
            }
        }
        self.feederRows = feederRows
        feederCount = 2 * count
        self.rows = rows
        for (number, group) in core.groups.enumerated() {
            let row = feederRows[Int(portfolio.resources[group.resource].feeder)] ?? 0
            let own = group.choices.map { choice in
                var activity = PortfolioActivity(portfolio)
                activity.add(choice.pattern, of: group.resource, portfolio)
                return targets.map { -activity.delivery[$0] } + rebounds.map { activity.rebound[$0] }
                    + (0..<count).flatMap { [activity.shed[$0], activity.rebound[$0]] }
            }
            var taken = [Int](repeating: 0, count: own.count)
            for member in group.members {
                let choice = group.choices.firstIndex { $0.pattern == patterns[member] } ?? 0
                taken[choice] += 1
                use(own[choice], from: row, sign: 1)
                if taken[choice] > Self.alike {
                    fixed[member] = group.choices[choice].pattern
                    fixedLead += group.choices[choice].lead
                    continue
                }
                chosen.append(leads.count + choice)
                leads += group.choices.map(\.lead)
                uses += own.joined()
                moverOf += own.map { _ in movers.count }
                movers.append((member, number))
                starts.append(leads.count)
                feederRow.append(row)
            }
        }
    }

    private mutating func use(_ uses: [Double], from feederRow: Int, sign: Double) {
        for row in 0..<globalCount { rows.slack[row] -= sign * uses[row] }
        for row in 0..<feederCount { rows.slack[feederRow + row] -= sign * uses[globalCount + row] }
    }

    /// The plan's distance from the bound, with penalties for what it breaks.
    var distance: Double {
        var sum = chosen.reduce(fixedLead) { $0 + leads[$1] }
        for row in rows.slack.indices where rows.slack[row].isFinite { sum += cost(row, rows.slack[row]) }
        return sum
    }

    /// Everybody's pattern.
    func patterns() -> [PortfolioPattern] {
        var patterns = fixed
        for (mover, place) in chosen.enumerated() {
            patterns[movers[mover].resource] =
                core.groups[movers[mover].group].choices[place - starts[mover]].pattern
        }
        return patterns
    }

    /// Gives some resources another of their choices, at random.
    mutating func shake(_ count: Int, _ generator: inout SplitMix64) {
        for _ in 0..<count {
            let mover = Int.random(in: 0..<chosen.count, using: &generator)
            change(to: Int.random(in: starts[mover]..<starts[mover + 1], using: &generator))
        }
    }

    /// Until nothing helps, the work is used up, or the plan is within `goal` of the bound.
    mutating func run(goal: Double) {
        var isBetter = true
        while isBetter, work > 0, distance > goal {
            isBetter = false
            let singles = singleGains()
            let order = singles.indices.sorted { singles[$0] < singles[$1] }
            if let best = order.first, singles[best] < -1e-9 {
                change(to: best)
                isBetter = true
                continue
            }
            // The cheapest first halves of a pair, among the choices that are not taken.
            var tried = 0
            for place in order where chosen[moverOf[place]] != place {
                guard tried < 200, work > 0 else { break }
                tried += 1
                if let other = partner(of: place, singles) {
                    change(to: place)
                    change(to: other)
                    isBetter = true
                    break
                }
            }
        }
    }

    private mutating func take(_ place: Int, sign: Double) {
        let width = globalCount + feederCount
        let from = feederRow[moverOf[place]]
        for row in 0..<globalCount { rows.slack[row] -= sign * uses[place * width + row] }
        for row in 0..<feederCount { rows.slack[from + row] -= sign * uses[place * width + globalCount + row] }
    }

    private mutating func change(to place: Int) {
        let mover = moverOf[place]
        take(chosen[mover], sign: -1)
        chosen[mover] = place
        take(place, sign: 1)
    }

    @inline(__always)
    private func cost(_ row: Int, _ slack: Double) -> Double {
        slack >= 0 ? rows.price[row] * slack : -rows.penalty[row] * slack
    }

    /// What each choice would change if it alone were taken; nothing for those that are taken.
    private func singleGains() -> [Double] {
        let width = globalCount + feederCount
        return leads.indices.map { place in
            let present = chosen[moverOf[place]]
            guard present != place else { return .infinity }
            var change = leads[place] - leads[present]
            for row in 0..<globalCount {
                let slack = rows.slack[row]
                change += cost(row, slack + uses[present * width + row] - uses[place * width + row]) - cost(row, slack)
            }
            return change + feederChange(place, present)
        }
    }

    private func feederChange(_ place: Int, _ present: Int) -> Double {
        let width = globalCount + feederCount
        let from = feederRow[moverOf[place]]
        var change = 0.0
        for row in 0..<feederCount where rows.slack[from + row].isFinite {
            let slack = rows.slack[from + row]
            let next = slack + uses[present * width + globalCount + row] - uses[place * width + globalCount + row]
            change += cost(from + row, next) - cost(from + row, slack)
        }
        return change
    }

    /// The choice of another resource that together with `place` saves most; nil when no pair saves anything.
    private mutating func partner(of place: Int, _ singles: [Double]) -> Int? {
        let width = globalCount + feederCount
        // Restored as it was, not added back, so that trials leave no rounding behind.
        let slack = rows.slack
        take(chosen[moverOf[place]], sign: -1)
        take(place, sign: 1)
        defer { rows.slack = slack }
        let first = singles[place]
        var best: (place: Int, change: Double)?
        work -= leads.count
        let mover = moverOf[place]
        for other in leads.indices where moverOf[other] != mover {
            let present = chosen[moverOf[other]]
            guard other != present else { continue }
            var change = first + leads[other] - leads[present]
            for row in 0..<globalCount {
                let slack = rows.slack[row]
                change += cost(row, slack + uses[present * width + row] - uses[other * width + row]) - cost(row, slack)
            }
            guard change < (best?.change ?? -1e-9) else { continue }
            change += feederChange(other, present)
            if change < (best?.change ?? -1e-9) { best = (other, change) }
        }
        return best?.place
    }
}
