/// Measures of forecasts against what happened. A pair counts if both numbers are finite; a measure without such a
/// pair, or with a zero denominator, is nil.
public enum ErrorMeasures {
    /// Mean absolute error divided by `scale`, usually ``naiveScale(_:period:)`` of the training series (Hyndman and
    /// Koehler 2006).
    public static func mase(forecast: [Double], actual: [Double], scale: Double) -> Double? {
        guard scale > 0, let error = mae(forecast: forecast, actual: actual) else { return nil }
        return error / scale
    }

    /// Mean absolute difference between values one period apart, known pairs only; nil if there is none.
    public static func naiveScale(_ series: [Double], period: Int) -> Double? {
        guard period > 0, series.count > period else { return nil }
        return mae(forecast: Array(series.dropLast(period)), actual: Array(series.dropFirst(period)))
    }

    /// Mean absolute error.
    public static func mae(forecast: [Double], actual: [Double]) -> Double? {
        mean(pairs(forecast, actual).map { ($0.0 - $0.1).magnitude })
    }

    /// Symmetric mean absolute percentage error, mean of 200 |f - a| / (|f| + |a|) in percent; a pair of zeros is 0.
    public static func smape(forecast: [Double], actual: [Double]) -> Double? {
        mean(
            pairs(forecast, actual).map { f, a in
                f == 0 && a == 0 ? 0 : 200 * (f - a).magnitude / (f.magnitude + a.magnitude)
            })
    }

    /// Coefficient of variation of the root mean square error: RMSE / |mean actual|, a fraction.
    public static func cvrmse(forecast: [Double], actual: [Double]) -> Double? {
        let known = pairs(forecast, actual)
        guard let square = mean(known.map { ($0.0 - $0.1) * ($0.0 - $0.1) }), let level = mean(known.map(\.1)),
            level != 0
        else { return nil }
        return square.squareRoot() / level.magnitude
    }

    /// Normalised mean bias error, sum(forecast - actual) / sum(actual), a fraction: positive means the forecast was
    /// too high.
    public static func nmbe(forecast: [Double], actual: [Double]) -> Double? {
        let known = pairs(forecast, actual)
        let total = known.reduce(0) { $0 + $1.1 }
        guard !known.isEmpty, total != 0 else { return nil }
        return known.reduce(0) { $0 + ($1.0 - $1.1) } / total
    }

    /// Pinball (quantile) loss of forecasts of one quantile, `level` in 0...1.
    public static func pinball(quantile: [Double], actual: [Double], level: Double) -> Double? {
        mean(pairs(quantile, actual).map { q, a in a >= q ? level * (a - q) : (1 - level) * (q - a) })
    }

    /// Share of the actual values inside an interval.
    public static func coverage(_ interval: ForecastInterval, actual: [Double]) -> Double? {
        var (inside, count) = (0.0, 0.0)
        for ((lower, upper), value) in zip(zip(interval.lower, interval.upper), actual)
        where lower.isFinite && upper.isFinite && value.isFinite {
            count += 1
            if value >= lower, value <= upper { inside += 1 }
        }
        return count > 0 ? inside / count : nil
    }

    private static func pairs(_ left: [Double], _ right: [Double]) -> [(Double, Double)] {
        zip(left, right).filter { $0.isFinite && $1.isFinite }
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
