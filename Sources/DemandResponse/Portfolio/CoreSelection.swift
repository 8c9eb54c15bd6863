/// Picks the resources whose choice is worth deciding again, class by class, and the patterns among which.
struct CoreSelection {
    private let portfolio: Portfolio
    private let prices: PortfolioPrices
    private let schedule: FractionalSchedule
    private let classes: ResourceClasses
    /// How much dearer each resource's second choice is.
    private var leads: [Double]
    /// The same for each kW that it can move.
    private var relativeLeads: [Double]

    /// Taken by each measure on a feeder whose limits bind.
    private static let perTightFeeder = 30

    init(
        _ portfolio: Portfolio, _ prices: PortfolioPrices, _ schedule: FractionalSchedule, _ classes: ResourceClasses,
        _ pricer: inout Pricer
    ) {
        self.portfolio = portfolio
        self.prices = prices
        self.schedule = schedule
        self.classes = classes
        var leads = [Double](repeating: .infinity, count: portfolio.resources.count)
        pricer.visit(prices) { _, first, choices in
            for (index, choice) in choices.enumerated() { leads[first + index] = choice.lead }
        }
        let width = portfolio.callable.count
        relativeLeads = leads.indices.map { resource in
            var power = 0.0
            for column in 0..<width { power = max(power, portfolio.means[resource * width + column]) }
            return power > 0 ? leads[resource] / power : .infinity
        }
        self.leads = leads
    }

    /// Every pattern of everybody, unless these are more than so many.
    func everything(atMost most: Int) -> [PortfolioCore.Group]? {
        let firsts = classes.firsts
        guard firsts.count <= most else { return nil }
        let pricing = PatternPricing(portfolio, prices)
        var count = 0
        var groups: [PortfolioCore.Group] = []
        for resource in firsts {
            let choices = choices(of: resource, pricing)
            guard choices.count > 1 else { continue }
            count += choices.count
            guard count <= most else { return nil }
            groups.append(.init(members: classes.members(of: resource), choices: choices))
        }
        return groups
    }

    /// The undecided, about `size` of those whose choice is nearly even, and some on each feeder whose limits bind.
    func nearest(_ size: Int, choices most: Int) -> [PortfolioCore.Group] {
        var chosen = Set(schedule.undecided.keys)
        let everybody = classes.firsts.filter { leads[$0].isFinite }
        let half = Self.least(everybody, size / 2, leads)
        chosen.formUnion(half)
        chosen.formUnion(Self.least(everybody, size / 2, relativeLeads))
        for feeder in tightFeeders {
            let own = (portfolio.feederStarts[feeder]..<portfolio.feederStarts[feeder + 1]).filter {
                leads[$0].isFinite && classes.isFirst($0)
            }
            chosen.formUnion(Self.least(own, Self.perTightFeeder, leads))
            chosen.formUnion(Self.least(own, Self.perTightFeeder, relativeLeads))
        }
        let reach = 4 * (Self.least(everybody, size, leads).last.map { leads[$0] } ?? 0)
        let pricing = PatternPricing(portfolio, prices)
        return chosen.sorted().map { resource in
            let needed = Set(schedule.undecided[resource] ?? [schedule.patterns[resource]])
            let choices = choices(of: resource, pricing).enumerated().filter { rank, choice in
                needed.contains(choice.pattern)
                    || (rank < most && choice.lead <= max(reach, 1.5 * leads[resource]))
            }.map(\.element)
            return .init(members: classes.members(of: resource), choices: choices)
        }.filter { $0.choices.count > 1 }
    }

    /// Every choice of a resource, cheapest first.
    private func choices(of resource: Int, _ pricing: PatternPricing) -> [PortfolioCore.Choice] {
        let all = [(pattern: PortfolioPattern.none, reducedCost: 0.0)] + pricing.patterns(of: resource)
        let least = all.reduce(0) { min($0, $1.reducedCost) }
        return all.map { .init(pattern: $0.pattern, lead: $0.reducedCost - least) }
            .sorted { $0.lead < $1.lead }
    }

    /// Feeders with a price on one of their limits, or with somebody undecided.
    private var tightFeeders: [Int] {
        var tight = Set(schedule.undecided.keys.map { Int(portfolio.resources[$0].feeder) })
        let count = portfolio.intervalCount
        for feeder in portfolio.feeders.indices {
            let places = feeder * count..<(feeder + 1) * count
            if places.contains(where: { prices.shed[$0] > 0 || prices.feederRebound[$0] > 0 }) { tight.insert(feeder) }
        }
        return tight.sorted()
    }

    /// The `count` resources with the least values, least first, equal ones by place.
    private static func least(_ resources: [Int], _ count: Int, _ values: [Double]) -> [Int] {
        guard resources.count > count else { return sorted(resources, values) }
        guard count > 0 else { return [] }
        // Only what lies under the count-th value of a sample is sorted, unless that is too little.
        let stride = max(1, resources.count / 4_096)
        let sample = Swift.stride(from: 0, to: resources.count, by: stride).map { values[resources[$0]] }.sorted()
        let rank = min(sample.count - 1, 2 * count / stride + 16)
        let near = resources.filter { values[$0] <= sample[rank] }
        return Array(sorted(near.count >= count ? near : resources, values).prefix(count))
    }

    private static func sorted(_ resources: [Int], _ values: [Double]) -> [Int] {
        resources.sorted { values[$0] == values[$1] ? $0 < $1 : values[$0] < values[$1] }
    }
}
