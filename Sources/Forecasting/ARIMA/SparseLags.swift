/// The nonzero terms of a lag polynomial, without its leading 1.
struct SparseLags: Sendable {
    /// Lags, ascending, from 1.
    var lags: [Int] = []
    /// Coefficients of the lags.
    var values: [Double] = []

    /// Collects the nonzero entries of coefficients at lags 1, 2, ... periods.
    init(_ dense: [Double], period: Int = 1) {
        var index = 0
        while index < dense.count {
            if dense[index] != 0 {
                lags.append((index + 1) * period)
                values.append(dense[index])
            }
            index += 1
        }
    }

    /// Calls with the number of terms and where lags and coefficients lie; without terms it is not called.
    func withPointers(_ body: (_ count: Int, _ lags: UnsafePointer<Int>, _ values: UnsafePointer<Double>) -> Void) {
        lags.withUnsafeBufferPointer { lags in
            values.withUnsafeBufferPointer { values in
                guard let first = lags.baseAddress, let value = values.baseAddress else { return }
                body(lags.count, first, value)
            }
        }
    }

    /// Dense coefficients at lags 1...: the product of (1 + sum of c B^(lag k)) over all factors, leading 1 left out.
    static func product(_ factors: [(coefficients: [Double], period: Int)]) -> [Double] {
        var dense: [Double] = [1]
        for factor in factors where !factor.coefficients.isEmpty {
            var next = dense + [Double](repeating: 0, count: factor.coefficients.count * factor.period)
            for (index, coefficient) in factor.coefficients.enumerated() where coefficient != 0 {
                let shift = (index + 1) * factor.period
                var i = 0
                while i < dense.count {
                    if dense[i] != 0 { next[i + shift] += coefficient * dense[i] }
                    i += 1
                }
            }
            dense = next
        }
        return Array(dense.dropFirst())
    }
}
