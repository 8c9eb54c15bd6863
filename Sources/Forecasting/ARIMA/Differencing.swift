/// The operator (1 - B)^d (1 - B^s)^D ... and its inverse.
struct Differencing: Sendable {
    /// Lags to subtract, one after the other.
    let steps: [Int]
    /// Coefficients of the past in `y[t] = w[t] + sum of c y[t - lag]`.
    let past: SparseLags

    /// The differencing of an order.
    init(_ order: ARIMAOrder) {
        var steps = [Int](repeating: 1, count: order.differences)
        for factor in order.seasonal { steps += [Int](repeating: factor.period, count: factor.differences) }
        self.steps = steps
        past = SparseLags(SparseLags.product(steps.map { ([-1], $0) }).map { -$0 })
    }

    /// Number of values lost.
    var lost: Int { steps.reduce(0, +) }

    /// Differences a series; empty if it is not longer than ``lost``.
    func difference(_ series: [Double]) -> [Double] {
        guard series.count > lost else { return [] }
        var values = series
        var start = 0
        for lag in steps {
            var t = values.count - 1
            while t >= start + lag {
                values[t] -= values[t - lag]
                t -= 1
            }
            start += lag
        }
        return Array(values[start...])
    }

    /// Continues a series: `history` are its last values (at least ``lost``), `differences` what follows, differenced.
    func integrate(_ differences: [Double], after history: [Double]) -> [Double] {
        var values = Array(history.suffix(lost))
        let start = values.count
        values += differences
        var t = start
        while t < values.count {
            var sum = values[t]
            var j = 0
            while j < past.lags.count {
                if past.lags[j] <= t { sum += past.values[j] * values[t - past.lags[j]] }
                j += 1
            }
            values[t] = sum
            t += 1
        }
        return Array(values[start...])
    }
}
