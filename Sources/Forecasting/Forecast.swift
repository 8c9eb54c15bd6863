/// Means and standard errors of future values.
public struct Forecast: Sendable, Hashable {
    /// Expected values, one per step.
    public var mean: [Double]
    /// Standard errors, one per step; never negative.
    public var standardError: [Double]

    /// Pairs means with standard errors.
    public init(mean: [Double], standardError: [Double]) {
        self.mean = mean
        self.standardError = standardError
    }

    /// The interval that a normal error leaves with probability 1 - `level`, half on each side.
    public func interval(level: Double) -> ForecastInterval {
        let z = NormalDistribution.quantile(0.5 + 0.5 * min(max(level, 0), 0.999_999_999))
        return ForecastInterval(
            level: level, lower: zip(mean, standardError).map { $0 - z * $1 },
            upper: zip(mean, standardError).map { $0 + z * $1 })
    }
}

/// Bounds of future values.
public struct ForecastInterval: Sendable, Hashable {
    /// Probability that a value lies within, for example 0.95.
    public var level: Double
    /// Lower bounds, one per step.
    public var lower: [Double]
    /// Upper bounds, one per step.
    public var upper: [Double]

    /// Collects the bounds.
    public init(level: Double, lower: [Double], upper: [Double]) {
        self.level = level
        self.lower = lower
        self.upper = upper
    }
}
