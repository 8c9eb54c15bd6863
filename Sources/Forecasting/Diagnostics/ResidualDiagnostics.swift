/// What is left in the residuals of a model.
public enum ResidualDiagnostics {
    /// A portmanteau test.
    public struct PortmanteauTest: Sendable, Hashable {
        /// The statistic.
        public var statistic: Double
        /// Degrees of freedom of its chi-square distribution.
        public var degreesOfFreedom: Int
        /// Probability of a larger statistic if nothing is left.
        public var pValue: Double
    }

    /// Autocorrelations at lags 1...`lags`; pairs with a missing value are left out of the sums, as in R's `acf` with
    /// `na.pass`. Empty for a constant.
    public static func autocorrelations(_ series: [Double], lags: Int) -> [Double] {
        let known = series.filter { !$0.isNaN }
        guard known.count > 1, lags > 0 else { return [] }
        let mean = known.reduce(0, +) / Double(known.count)
        let squares = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(known.count)
        guard squares > 0 else { return [] }
        return (1...lags).map { lag in
            var (sum, count) = (0.0, 0.0)
            for index in series.indices.dropFirst(lag) {
                let product = (series[index] - mean) * (series[index - lag] - mean)
                guard !product.isNaN else { continue }
                sum += product
                count += 1
            }
            let pairs = count + Double(lag)
            return pairs > 0 ? sum / pairs / squares : 0
        }
    }

    /// Ljung and Box's test of the first `lags` autocorrelations; `fitted` coefficients take a degree of freedom each.
    /// Nil if there are too few values.
    public static func ljungBox(_ residuals: [Double], lags: Int, fitted: Int) -> PortmanteauTest? {
        let n = Double(residuals.count(where: { !$0.isNaN }))
        guard lags > fitted, n > Double(lags) + 1 else { return nil }
        let correlations = autocorrelations(residuals, lags: lags)
        guard correlations.count == lags else { return nil }
        var sum = 0.0
        for (index, value) in correlations.enumerated() { sum += value * value / (n - Double(index + 1)) }
        let statistic = n * (n + 2) * sum
        let degrees = lags - fitted
        return PortmanteauTest(
            statistic: statistic, degreesOfFreedom: degrees,
            pValue: ChiSquare.upperTail(statistic, degreesOfFreedom: Double(degrees)))
    }
}

extension ARIMAFit {
    /// Ljung and Box's test of the residuals, coefficients counted.
    public func ljungBox(lags: Int) -> ResidualDiagnostics.PortmanteauTest? {
        ResidualDiagnostics.ljungBox(residuals, lags: lags, fitted: order.coefficientCount)
    }
}
