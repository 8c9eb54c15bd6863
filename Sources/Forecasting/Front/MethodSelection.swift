/// Weighs methods by their errors on held-out days.
///
/// Methods much worse than the best are dropped; the others are averaged, a better one with more weight. A mean of
/// several good methods errs less than the best alone, and needs no luck in choosing.
struct MethodSelection {
    /// Error, relative to the best, above which a method is dropped.
    static let cutoff = 1.3
    /// Power of the error by which weights fall.
    static let power = 3

    let backtest: Backtest
    /// Most methods in a mean.
    let mostMembers: Int

    /// The weighted mean first, then the results, best first; ties keep their order.
    func rank(_ results: [Backtest.Result]) -> [Backtest.Result] {
        let ranked = results.enumerated().sorted {
            (loss($0.element), $0.offset) < (loss($1.element), $1.offset)
        }.map(\.element)
        guard let best = ranked.first else { return [] }
        let least = loss(best)
        // A perfect method needs no company.
        guard least > 1e-9 else { return ranked }
        let members = ranked.prefix(max(mostMembers, 1)).filter { loss($0) <= Self.cutoff * least }
        guard members.count > 1 else { return ranked }
        let shares = members.map { member in
            (0..<Self.power).reduce(1.0) { share, _ in share * least / loss(member) }
        }
        let total = shares.reduce(0, +)
        return [Backtest.Result(mixing: members, weights: shares.map { $0 / total })] + ranked
    }

    private func loss(_ result: Backtest.Result) -> Double { backtest.loss(result) ?? .infinity }
}
