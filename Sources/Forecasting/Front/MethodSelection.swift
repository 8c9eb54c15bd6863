/// Chooses among methods and means of methods by their errors on held-out days.
///
/// The mean grows greedily: the member that lowers the error most is added, perhaps a second time, while the error
/// falls by at least a hundredth (Caruana et al. 2004).
struct MethodSelection {
    let backtest: Backtest
    let mostMembers: Int

    init(_ backtest: Backtest, mostMembers: Int) {
        self.backtest = backtest
        self.mostMembers = mostMembers
    }

    /// The results and the best mean of some, best first; ties keep their order.
    func rank(_ results: [Backtest.Result]) -> [Backtest.Result] {
        var ranked = results.enumerated().sorted {
            (loss($0.element), $0.offset) < (loss($1.element), $1.offset)
        }.map(\.element)
        guard let first = ranked.first else { return [] }
        var members = [first]
        var best = (result: first, loss: loss(first))
        while members.count < mostMembers {
            var next: (result: Backtest.Result, loss: Double, member: Backtest.Result)?
            for member in ranked {
                guard let mixed = Backtest.Result(combining: members + [member]) else { continue }
                let value = loss(mixed)
                if value < next?.loss ?? .infinity { next = (mixed, value, member) }
            }
            guard let next, next.loss < 0.99 * best.loss else { break }
            members.append(next.member)
            best = (next.result, next.loss)
        }
        if members.count > 1 { ranked.insert(best.result, at: 0) }
        return ranked
    }

    private func loss(_ result: Backtest.Result) -> Double { backtest.loss(result) ?? .infinity }
}
