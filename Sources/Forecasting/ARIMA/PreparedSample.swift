/// A series made ready for the likelihood: trimmed, scaled, gaps filled, regressors beside it.
///
/// A missing value at either end says nothing and is cut. One inside is filled with a plausible number and gets a
/// column with a 1 at its place: regressing on that column with a flat prior integrates the value out exactly
/// (Gomez, Maravall and Pena 1999). Above ``exactGaps`` gaps, or ``exactWork``, the fill stands as it is.
struct PreparedSample: Sendable {
    /// Most gaps that are integrated out; each costs one more column in every likelihood.
    static let exactGaps = 48
    /// Most gaps x values x length of the state: it bounds the time of a likelihood.
    static let exactWork = 8_000_000

    /// Filled values, divided by ``scale``.
    let values: [Double]
    /// Indices of the missing values, in ``values``.
    let gaps: [Int]
    /// Mean or drift, then the caller's, cut to the range of the values.
    let regressors: [[Double]]
    /// Missing values cut at the front.
    let leading: Int
    /// Missing values cut at the end.
    let trailing: Int
    /// A power of two near the largest magnitude.
    let scale: Double

    /// True if every gap is integrated out.
    let isExact: Bool

    /// Checks and prepares a series.
    init(_ series: [Double], order: ARIMAOrder, regressors: [[Double]]) throws(ARIMAError) {
        guard order.isSupported else { throw .orderNotSupported }
        if let index = series.firstIndex(where: \.isInfinite) { throw .infiniteValue(index: index) }
        for (column, values) in regressors.enumerated()
        where values.count < series.count || !values.prefix(series.count).allSatisfy(\.isFinite) {
            throw .regressorNotUsable(column: column)
        }
        let known = series.count(where: { !$0.isNaN })
        let terms = regressors.count + (order.constant == .none ? 0 : 1)
        let needed = order.lostValues + order.coefficientCount + terms + 2
        guard let first = series.firstIndex(where: { !$0.isNaN }), let last = series.lastIndex(where: { !$0.isNaN }),
            known >= needed
        else { throw .tooFewValues(known: known, needed: needed) }
        let range = first...last
        leading = first
        trailing = series.count - 1 - last
        let peak = series[range].reduce(0) { $1.isNaN ? $0 : max($0, $1.magnitude) }
        scale = peak > 0 ? Double(sign: .plus, exponent: peak.exponent, significand: 1) : 1
        let scaled = series[range].map { [scale] in $0 / scale }
        gaps = scaled.indices.filter { scaled[$0].isNaN }
        let state = max(order.autoregressiveDegree, order.movingAverageDegree + 1)
        isExact = gaps.count <= Self.exactGaps && gaps.count * scaled.count * state <= Self.exactWork
        values = GapFilling.fill(scaled, period: order.seasonal.map(\.period).max() ?? 1)
        var columns: [[Double]] = []
        switch order.constant {
        case .drift: columns.append(range.map { Double($0 + 1) })
        case .mean: columns.append([Double](repeating: 1, count: range.count))
        case .none: break
        }
        self.regressors = columns + regressors.map { Array($0[range]) }
    }

    /// The columns of the gaps that are integrated out: a 1 at the place of each.
    var gapColumns: [[Double]] {
        guard isExact else { return [] }
        return gaps.map { gap in
            var column = [Double](repeating: 0, count: values.count)
            column[gap] = 1
            return column
        }
    }
}
