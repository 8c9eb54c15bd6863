import Optimization

/// The undecided part of a portfolio as a mixed-integer model: everybody else keeps the choice that the prices made.
///
/// At prices with bound L, a plan costs L, plus what each of its choices costs more than its resource's cheapest one,
/// plus each limit's price times what the plan leaves of it. The model minimises those two sums, so its objective is the
/// plan's distance from the bound:
///
/// ```
/// minimise    sum lead * x + sum price * slack + sum (shortfallPrice * hours - price) * short
/// subject to  sum of a group's x = its members
///             activity of the core + slack = what the others leave of each limit
/// ```
struct PortfolioCore {
    /// A choice of a core resource.
    struct Choice {
        let pattern: PortfolioPattern
        /// How much more it costs than the cheapest one at the prices.
        let lead: Double
    }

    /// Resources that are alike, or one by itself: how many take each choice is decided.
    struct Group {
        let members: [Int]
        let choices: [Choice]

        /// Any of them.
        var resource: Int { members[0] }
    }

    let portfolio: Portfolio
    let prices: PortfolioPrices
    /// Everybody's pattern; those of the core are placeholders.
    let base: [PortfolioPattern]
    let groups: [Group]

    /// What the others use.
    let others: PortfolioActivity
    let feeders: [Int: PortfolioActivity]

    init(_ portfolio: Portfolio, _ prices: PortfolioPrices, base: [PortfolioPattern], groups: [Group]) {
        self.portfolio = portfolio
        self.prices = prices
        self.base = base
        self.groups = groups
        var isCore = Set<Int>()
        var touched = Set<Int>()
        for group in groups {
            isCore.formUnion(group.members)
            touched.insert(Int(portfolio.resources[group.resource].feeder))
        }
        var others = PortfolioActivity(portfolio)
        var feeders: [Int: PortfolioActivity] = [:]
        for feeder in portfolio.feeders.indices {
            var activity = PortfolioActivity(portfolio)
            for resource in portfolio.feederStarts[feeder]..<portfolio.feederStarts[feeder + 1]
            where base[resource].isCall && !isCore.contains(resource) {
                activity.add(base[resource], of: resource, portfolio)
            }
            others.add(activity)
            if touched.contains(feeder) { feeders[feeder] = activity }
        }
        self.others = others
        self.feeders = feeders
    }

    /// The model, and the column of each choice by group.
    ///
    /// - Parameter penalty: what a kW beyond a limit costs, so that there is always an answer; nil when there is one anyway,
    ///   as nobody outside the core uses anything of a limit.
    func model(penalty: Double?) throws(ModelError) -> (LinearModel, [[LinearModel.ColumnID]]) {
        var model = LinearModel()
        var columns: [[LinearModel.ColumnID]] = []
        var activities: [[PortfolioActivity]] = []
        for group in groups {
            var ids: [LinearModel.ColumnID] = []
            var own: [PortfolioActivity] = []
            let count = Double(group.members.count)
            for choice in group.choices {
                ids.append(try model.addColumn("x", upper: count, cost: choice.lead, isInteger: true))
                var activity = PortfolioActivity(portfolio)
                activity.add(choice.pattern, of: group.resource, portfolio)
                own.append(activity)
            }
            try model.addRow("members", ids.map { .init(1, $0) }, lower: count, upper: count)
            columns.append(ids)
            activities.append(own)
        }
        func terms(_ use: (PortfolioActivity) -> Double, in feeder: Int? = nil) -> [LinearModel.Term] {
            var terms: [LinearModel.Term] = []
            for (place, group) in groups.enumerated() {
                if let feeder, Int(portfolio.resources[group.resource].feeder) != feeder { continue }
                for (column, activity) in zip(columns[place], activities[place]) {
                    terms.append(.init(use(activity), column))
                }
            }
            return terms.filter { $0.coefficient != 0 }
        }
        for interval in 0..<portfolio.intervalCount {
            if let demand = portfolio.demands[interval] {
                let price = prices.delivery[interval]
                let short = try model.addColumn("short", cost: portfolio.shortfallPrice(in: interval) - price)
                let surplus = try model.addColumn("surplus", cost: price)
                let needed = demand.needed - others.delivery[interval]
                try model.addRow(
                    "delivery", terms { $0.delivery[interval] } + [.init(1, short), .init(-1, surplus)], lower: needed,
                    upper: needed)
            }
            if portfolio.reboundLimit[interval].isFinite {
                let left = portfolio.reboundLimit[interval] - others.rebound[interval]
                try addLimit(terms { $0.rebound[interval] }, left, prices.rebound[interval], penalty, &model)
            }
        }
        for feeder in feeders.keys.sorted() {
            guard let used = feeders[feeder] else { continue }
            for interval in 0..<portfolio.intervalCount {
                let place = feeder * portfolio.intervalCount + interval
                let limits = portfolio.feeders[feeder]
                if limits.shedLimit[interval].isFinite {
                    try addLimit(
                        terms({ $0.shed[interval] }, in: feeder), limits.shedLimit[interval] - used.shed[interval],
                        prices.shed[place], penalty, &model)
                }
                if limits.reboundLimit[interval].isFinite {
                    try addLimit(
                        terms({ $0.rebound[interval] }, in: feeder),
                        limits.reboundLimit[interval] - used.rebound[interval], prices.feederRebound[place], penalty,
                        &model)
                }
            }
        }
        return (model, columns)
    }

    /// A row for what is left of a limit, unless the core cannot break it and leaving some of it costs nothing.
    private func addLimit(
        _ terms: [LinearModel.Term], _ left: Double, _ price: Double, _ penalty: Double?, _ model: inout LinearModel
    ) throws(ModelError) {
        guard price > 0 || model.most(terms) > left else { return }
        let slack = try model.addColumn("slack", cost: price)
        var terms = terms + [.init(1, slack)]
        if let penalty { terms.append(.init(-1, try model.addColumn("excess", cost: penalty))) }
        try model.addRow("limit", terms, lower: left, upper: left)
    }

    /// Everybody's pattern with the core's choices of a solution.
    func patterns(_ solution: Solution, _ columns: [[LinearModel.ColumnID]]) -> [PortfolioPattern] {
        var patterns = base
        for (group, ids) in zip(groups, columns) {
            var members = group.members[...]
            for (choice, id) in zip(group.choices, ids) {
                let count = min(members.count, Int(solution[id].rounded()))
                for member in members.prefix(count) { patterns[member] = choice.pattern }
                members = members.dropFirst(count)
            }
        }
        return patterns
    }
}

extension LinearModel {
    /// The most that terms over columns from zero up to their bounds can add up to.
    fileprivate func most(_ terms: [Term]) -> Double {
        terms.reduce(0) { $0 + max(0, $1.coefficient) * columns[$1.column.index].upper }
    }
}
