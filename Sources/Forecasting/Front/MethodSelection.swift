/// Weighs methods by their errors on held-out days.
///
/// Methods much worse than the best are dropped; the others are averaged, a better one with more weight. A mean of
/// several good methods errs less than the best alone, and needs no luck in choosing. A part of the weight goes to those
/// that help each other: to the mean that grows method by method, each time by the one that lowers its error most
/// (Caruana et al. 2004).
struct MethodSelection {
    /// Error, relative to the best, above which a method is dropped.
    static let cutoff = 1.3
    /// Power of the error by which weights fall.
    static let power = 6
    /// Share of the weight that goes to the growing mean.
    static let grownShare = 0.25
    /// Steps of the growing mean.
    static let growth = 20

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
        let weights = zip(inverseWeights(ranked, least), grownWeights(ranked)).map {
            (1 - Self.grownShare) * $0 + Self.grownShare * $1
        }
        let members = ranked.indices.filter { weights[$0] > 0 }.sorted { weights[$0] > weights[$1] }
        guard members.count > 1, mostMembers > 1 else { return ranked }
        return [Backtest.Result(mixing: members.map { ranked[$0] }, weights: members.map { weights[$0] })] + ranked
    }

    /// Weights that fall with a power of the error, zero beyond the cutoff; they add up to 1.
    private func inverseWeights(_ ranked: [Backtest.Result], _ least: Double) -> [Double] {
        let shares = ranked.enumerated().map { place, member -> Double in
            guard place < mostMembers, loss(member) <= Self.cutoff * least else { return 0 }
            return (0..<Self.power).reduce(1.0) { share, _ in share * least / loss(member) }
        }
        let total = shares.reduce(0, +)
        return shares.map { $0 / total }
    }

    /// How often each method was taken into the growing mean; shares add up to 1. Ties go to the better method.
    private func grownWeights(_ ranked: [Backtest.Result]) -> [Double] {
        let known = backtest.actual.indices.filter { !backtest.actual[$0].isNaN }
        let actual = known.map { backtest.actual[$0] }
        let means = ranked.map { result in known.map { result.means[$0] } }
        var sums = [Double](repeating: 0, count: known.count)
        var counts = [Double](repeating: 0, count: ranked.count)
        for step in 0..<Self.growth {
            var best = (error: Double.infinity, place: 0)
            for (place, mean) in means.enumerated() {
                var error = 0.0
                for index in sums.indices {
                    error += ((sums[index] + mean[index]) / Double(step + 1) - actual[index]).magnitude
                }
                if error < best.error { best = (error, place) }
            }
            counts[best.place] += 1
            for index in sums.indices { sums[index] += means[best.place][index] }
        }
        return counts.map { $0 / Double(Self.growth) }
    }

    private func loss(_ result: Backtest.Result) -> Double { backtest.loss(result) ?? .infinity }
}
