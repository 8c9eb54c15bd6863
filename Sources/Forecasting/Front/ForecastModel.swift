/// What a forecaster learnt about one series: enough to forecast again when new values come, without the search.
///
/// A value of numbers and names alone, so that it can be stored; ``SeasonalForecaster/refit(_:_:)`` takes it up.
public struct ForecastModel: Sendable, Hashable, Codable {
    /// A method of the mean.
    public struct Member: Sendable, Hashable, Codable {
        /// The method.
        public var method: ForecastMethod
        /// Its share; all shares add up to 1.
        public var weight: Double
        /// Estimated coefficients per kind of day, 0 for methods that do not tell days apart. Empty without any.
        public var coefficients: [Int: ARIMACoefficients]
    }

    /// The methods, the weightiest first.
    public var members: [Member]
    /// Widths of intervals, from the held-out days.
    public var calibration: IntervalCalibration
    /// Correlation of neighbouring errors, 0..<1.
    public var errorCorrelation: Double
    /// How large errors were on the held-out days.
    public var band: ErrorBand
}

/// The error of whole days that a forecast made before it is used, and may be expected to make after.
public struct ErrorBand: Sendable, Hashable, Codable {
    /// Mean over days of the mean absolute error of a day, in units of the series.
    public var mean: Double
    /// Standard deviation over days.
    public var deviation: Double
    /// Days behind it.
    public var days: Int

    /// Measures the errors of whole days; nil if fewer than three days are known.
    public init?(dailyErrors: [Double]) {
        let known = dailyErrors.filter(\.isFinite)
        guard known.count >= 3 else { return nil }
        let mean = known.reduce(0, +) / Double(known.count)
        let squares = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.init(mean: mean, deviation: (squares / Double(known.count - 1)).squareRoot(), days: known.count)
    }

    /// Writes a band.
    public init(mean: Double, deviation: Double, days: Int) {
        self.mean = mean
        self.deviation = deviation
        self.days = days
    }

    /// The largest mean error of `count` days that still belongs to the band: three standard deviations of such a mean
    /// above the mean, and never less than half above, because the days that chose a method flatter it.
    public func limit(days count: Int) -> Double {
        let spread = deviation * (1 / Double(max(count, 1)) + 1 / Double(max(days, 1))).squareRoot()
        return mean + max(3 * spread, 0.5 * mean)
    }

    /// True if the errors of recent days, oldest first, have left the band: their mean is above the limit. Days without
    /// a known error do not count; without any the answer is no.
    public func isLeft(by recentDailyErrors: [Double]) -> Bool {
        let known = recentDailyErrors.filter(\.isFinite)
        guard !known.isEmpty else { return false }
        return known.reduce(0, +) / Double(known.count) > limit(days: known.count)
    }
}

extension ErrorMeasures {
    /// The mean absolute error of each day; NaN for a day without a known pair. `stepsPerDay` is at least 1.
    public static func dailyErrors(forecast: [Double], actual: [Double], stepsPerDay: Int) -> [Double] {
        stride(from: 0, to: min(forecast.count, actual.count), by: max(stepsPerDay, 1)).map { start in
            let day = start..<min(start + max(stepsPerDay, 1), forecast.count, actual.count)
            return mae(forecast: Array(forecast[day]), actual: Array(actual[day])) ?? .nan
        }
    }
}
