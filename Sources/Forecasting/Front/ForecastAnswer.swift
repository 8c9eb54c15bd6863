/// Why a simpler method than a model was used, or what was odd about the series.
public enum ForecastNote: Sendable, Hashable {
    /// No value is known: the forecast is zero and its standard error unknown (zero).
    case allMissing
    /// This many outliers were replaced before the fit.
    case cleanedValues(count: Int)
    /// All known values are equal.
    case constant
    /// This many infinite or huge values were taken as missing.
    case ignoredValues(count: Int)
    /// This share of the values is missing.
    case mostlyMissing(share: Double)
    /// No candidate gave a usable forecast on the held-out days.
    case noUsableModel
    /// Less history than models need.
    case tooShort(days: Int)
}

/// How a method did on the held-out days.
public struct MethodScore: Sendable, Hashable {
    /// The method.
    public var method: ForecastMethod
    /// Mean absolute error over that of the day-before forecast in the training part.
    public var mase: Double
    /// RMSE over the mean; a fraction.
    public var cvrmse: Double?
    /// Bias, sum(forecast - actual) / sum(actual); a fraction.
    public var nmbe: Double?
    /// Share of held-out values in the 95 % interval before any correction of its width.
    public var coverage95: Double?
}

/// A forecast with the method that made it and the reason for it.
public struct ForecastAnswer: Sendable {
    /// Means and standard errors, as many as steps were asked for. The standard errors are corrected so that normal
    /// 95 % intervals fit the held-out days.
    public var forecast: Forecast
    /// The method used.
    public var method: ForecastMethod
    /// Its model at the end of the history, if it has exactly one.
    public var model: ARIMAFit?
    /// What made the forecaster fall back or was worth saying; empty in the ordinary case.
    public var notes: [ForecastNote]
    /// What can be stored and taken up again; nil for a fallback.
    public var trained: ForecastModel?
    /// Scores of all methods tried on the held-out days, best first.
    public var scores: [MethodScore]
    /// Weights of the members of a combination, in their order; 1 for a single method.
    public var weights: [Double]
    /// Held-out days behind the scores.
    public var heldOutDays: Int
    /// Factor that was applied to the standard errors because of the held-out days.
    public var spreadCorrection: Double
    /// Widths learnt from the held-out days.
    public var calibration: IntervalCalibration
    /// Correlation of neighbouring errors, 0..<1.
    public var errorCorrelation: Double

    /// The score of the method used.
    public var score: MethodScore? { scores.first { $0.method == method } }
    /// The score of the day-before forecast.
    public var naiveScore: MethodScore? { scores.first { $0.method == .seasonalNaive(days: 1) } }

    /// True if no model stands behind the forecast.
    public var isFallback: Bool { !method.isModel }

    /// Bounds at a level, as wide as the errors on the held-out days say.
    public func interval(level: Double) -> ForecastInterval {
        let z = calibration.multiplier(level: level) / spreadCorrection
        return ForecastInterval(
            level: level, lower: zip(forecast.mean, forecast.standardError).map { $0 - z * $1 },
            upper: zip(forecast.mean, forecast.standardError).map { $0 + z * $1 })
    }

    /// Draws joint paths: normal errors of the forecast's size, correlated from step to step as on the held-out days.
    public func paths(_ count: Int, using random: inout some RandomNumberGenerator) -> [[Double]] {
        let fresh = (1 - errorCorrelation * errorCorrelation).squareRoot()
        return (0..<max(count, 0)).map { _ in
            var shock = NormalDistribution.draw(using: &random)
            return forecast.mean.indices.map { step in
                if step > 0 { shock = errorCorrelation * shock + fresh * NormalDistribution.draw(using: &random) }
                return forecast.mean[step] + shock * forecast.standardError[step]
            }
        }
    }
}
