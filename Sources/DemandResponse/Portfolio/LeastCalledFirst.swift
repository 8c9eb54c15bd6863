extension DispatchProblem {
    /// Patterns that differ only in who of those that are alike has which: calls go first to who was called least of late.
    /// It costs nothing, and without it the first ones in the list would be called every time.
    func leastCalledFirst(
        _ portfolio: Portfolio, _ classes: ResourceClasses, _ patterns: [PortfolioPattern]
    ) -> [PortfolioPattern] {
        var fair = patterns
        for first in classes.firsts {
            let members = classes.members(of: first)
            guard members.count > 1, areAlike(members.map { resource(portfolio, $0) }) else { continue }
            let calls = members.map { patterns[$0] }.filter(\.isCall)
            let order = members.sorted {
                (resource(portfolio, $0).recentCalls, $0) < (resource(portfolio, $1).recentCalls, $1)
            }
            for (rank, member) in order.enumerated() { fair[member] = rank < calls.count ? calls[rank] : .none }
        }
        return fair
    }

    private func resource(_ portfolio: Portfolio, _ place: Int) -> Resource {
        resources[Int(portfolio.givenPlaces[place])]
    }

    /// A class has equal means and variances; what these are made of counts in the odds.
    private func areAlike(_ some: [Resource]) -> Bool {
        some.allSatisfy { $0.optIn == some[0].optIn && $0.capacity == some[0].capacity }
    }
}
