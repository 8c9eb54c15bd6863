/// A fitted model: coefficients, likelihood, residuals, and what a forecast needs.
public struct ARIMAFit: Sendable {
    /// The order that was fitted.
    public let order: ARIMAOrder
    /// ARMA coefficients.
    public let coefficients: ARIMACoefficients
    /// Coefficient of the mean or the drift; nil without a constant term.
    public let constant: Double?
    /// Coefficients of the caller's regressors, in their order; 0 for one that depends on those before it.
    public let regression: [Double]
    /// Maximum-likelihood variance of the innovations, in squared units of the series.
    public let variance: Double
    /// Logarithm of the exact likelihood of the differenced series, without a Jacobian.
    public let logLikelihood: Double
    /// Values that count: length - d - s D - missing.
    public let effectiveCount: Int
    /// Estimated numbers: ARMA, constant, regression, variance.
    public let parameterCount: Int
    /// One-step errors divided by their relative standard deviation, in units of the series, aligned with it: NaN
    /// before the first differenced value and where a value is missing.
    public let residuals: [Double]
    /// Values of the series that were missing, estimated from all others; empty if there were too many for the exact
    /// treatment.
    public let missingValues: [Double]
    /// Number of likelihood evaluations.
    public let calls: Int
    /// False if the limit of calls ended the search.
    public let hasConverged: Bool
    /// False if there were more gaps than are integrated out exactly, so that the fill counted as data.
    public let isExact: Bool
    /// State of the process after the last value.
    let origin: ForecastOrigin
}

extension ARIMAFit {
    /// Akaike's criterion.
    public var aic: Double { 2 * Double(parameterCount) - 2 * logLikelihood }

    /// Akaike's criterion, corrected for small samples; infinite if there are hardly more values than parameters.
    public var aicc: Double {
        let (n, k) = (Double(effectiveCount), Double(parameterCount))
        guard n > k + 1 else { return .infinity }
        return aic + 2 * k * (k + 1) / (n - k - 1)
    }

    /// Schwarz's criterion.
    public var bic: Double { Double(parameterCount) * Elementary.log(Double(effectiveCount)) - 2 * logLikelihood }
}
