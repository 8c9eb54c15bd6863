import Measures

/// Why a resource is called, or is not, in words of the plan's prices: what its best call would bring at them, and what it
/// would cost.
public struct DispatchExplanation: Hashable, Codable, Sendable {
    public enum Reason: String, Hashable, Codable, Sendable {
        /// Its call is worth more than it costs.
        case worthIt
        /// Its call costs a little more than it is worth, but without it too much would be missing: calls are whole.
        case neededToFill
        /// The target is met at less cost without it.
        case tooDear
        /// Its call would be worth it, but others nearly as good fill the target: calls are whole.
        case nearlyNeeded
        /// Never called, whatever the price.
        case critical
        case noCallsLeft
        case noCapacity
        /// It could not be told in time, or still rests.
        case notice
        case resting
        /// No run of intervals fits between its shortest and its longest call.
        case duration
    }

    public let resource: ResourceName
    public let isCalled: Bool
    public let reason: Reason
    /// One sentence with its numbers.
    public let sentence: String
    /// The run that is best for it at the prices, and its level; nil when it has none.
    public let first: Int?
    public let end: Int?
    public let share: Double?
    /// What that call costs, and what its reduction is worth at the prices of target, rebound and feeder.
    public let cost: Double?
    public let worth: Double?
}

extension DispatchProblem {
    /// Explains resources of a plan for this problem; by default all of them.
    public func explain(_ proposal: DispatchProposal, _ names: Set<ResourceName>? = nil) -> [DispatchExplanation] {
        let portfolio = self.portfolio(proposal.totals.map(\.tangent))
        var prices = PortfolioPrices(portfolio)
        for total in proposal.totals {
            prices.delivery[total.interval] = total.price
            prices.rebound[total.interval] = total.reboundPrice
        }
        for price in proposal.feederPrices {
            prices.shed[price.feeder * intervalCount + price.interval] = price.shed
            prices.feederRebound[price.feeder * intervalCount + price.interval] = price.rebound
        }
        let pricing = PatternPricing(portfolio, prices)
        let calls = Dictionary(proposal.calls.map { ($0.resource, $0) }) { first, _ in first }
        var placeOf = [Int](repeating: 0, count: resources.count)
        for (place, given) in portfolio.givenPlaces.enumerated() { placeOf[Int(given)] = place }
        return resources.indices.filter { names?.contains(resources[$0].name) ?? true }.map { given in
            let place = placeOf[given]
            let all = pricing.patterns(of: place)
            if let call = calls[resources[given].name] {
                let own = all.first {
                    $0.pattern.run == call.run && Int($0.pattern.level) == call.level - 1
                }
                return explanation(resources[given], own, portfolio, place, isCalled: true)
            }
            let best = all.min { $0.reducedCost < $1.reducedCost }
            return explanation(resources[given], best, portfolio, place, isCalled: false)
        }
    }

    private func explanation(
        _ resource: Resource, _ choice: (pattern: PortfolioPattern, reducedCost: Double)?, _ portfolio: Portfolio,
        _ place: Int, isCalled: Bool
    ) -> DispatchExplanation {
        guard let choice else {
            let (reason, sentence) = hindrance(resource)
            return DispatchExplanation(
                resource: resource.name, isCalled: isCalled, reason: reason, sentence: sentence, first: nil, end: nil,
                share: nil, cost: nil, worth: nil)
        }
        let cost = portfolio.cost(choice.pattern, of: place)
        let worth = cost - choice.reducedCost
        let window = window(choice.pattern.run)
        let run = "from \(window.start) to \(window.end)"
        let amounts = "costs \(cost.cents) \(currency.rawValue) and is worth \(worth.cents) at the plan's prices"
        let reason: DispatchExplanation.Reason
        let sentence: String
        switch (isCalled, choice.reducedCost <= 0) {
        case (true, true): (reason, sentence) = (.worthIt, "Called \(run): the call \(amounts).")
        case (true, false):
            reason = .neededToFill
            sentence = "Called \(run): the call \(amounts); calls are whole, and without it too much would be missing."
        case (false, false):
            reason = .tooDear
            sentence =
                "Not called: its best call, \(run), \(amounts); it would have to be \(choice.reducedCost.cents) cheaper."
        case (false, true):
            reason = .nearlyNeeded
            sentence =
                "Not called: its best call, \(run), \(amounts), but calls are whole, and others fill the target as well."
        }
        return DispatchExplanation(
            resource: resource.name, isCalled: isCalled, reason: reason, sentence: sentence,
            first: choice.pattern.run.lowerBound, end: choice.pattern.run.upperBound,
            share: resource.levels[Int(choice.pattern.level)], cost: cost, worth: worth)
    }

    /// Why a resource has no pattern.
    private func hindrance(_ resource: Resource) -> (DispatchExplanation.Reason, String) {
        if resource.resourceClass == .critical { return (.critical, "Never called: it is critical.") }
        if resource.callsLeft == 0 { return (.noCallsLeft, "Not called: it has no calls left.") }
        guard callable.contains(where: { resource.capacity[$0] > 0 }) else {
            return (.noCapacity, "Not called: nothing can be shed there in this time.")
        }
        if let until = resource.restingUntil, until > decidedAt + resource.notice,
            earliest(resource) > callable.lowerBound
        {
            return (.resting, "Not called: it rests until \(until) after its last call.")
        }
        if earliest(resource) > callable.lowerBound {
            return (
                .notice,
                "Not called: with its notice it could start at \(decidedAt + resource.notice) at the earliest, too late."
            )
        }
        return (
            .duration,
            "Not called: no call of at least \(resource.minimumDuration.seconds / 60) min fits, as far as it can be "
                + "reduced and at most \(resource.maximumDuration.seconds / 60) min long."
        )
    }
}

extension Double {
    /// Two decimals, rounded to the nearest.
    fileprivate var cents: String {
        let cents = Int64((abs(self) * 100).rounded())
        let sign = self < 0 && cents > 0 ? "-" : ""
        return "\(sign)\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
    }
}
