/// Tests that decide how often a series is differenced.
public enum SeriesTests {
    /// Critical value of the KPSS statistic for a level, 5 % (Kwiatkowski et al. 1992).
    public static let kpssCriticalValue = 0.463

    /// The KPSS statistic of stationarity around a level, with trunc(3 sqrt(n) / 13) lags; missing values are left
    /// out. Nil for fewer than 8 values or for a constant.
    public static func kpss(_ series: [Double]) -> Double? {
        let known = series.filter { !$0.isNaN }
        guard known.count >= 8 else { return nil }
        let n = Double(known.count)
        let mean = known.reduce(0, +) / n
        let deviations = known.map { $0 - mean }
        let lags = Int(3 * n.squareRoot() / 13)
        var variance = deviations.reduce(0) { $0 + $1 * $1 } / n
        let total = variance
        for lag in 0..<lags {
            var sum = 0.0
            for index in (lag + 1)..<deviations.count { sum += deviations[index] * deviations[index - lag - 1] }
            variance += 2 * sum / n * (1 - Double(lag + 1) / Double(lags + 1))
        }
        guard total > 1e-20 * mean * mean, variance > 0 else { return nil }
        var (level, squares) = (0.0, 0.0)
        for deviation in deviations {
            level += deviation
            squares += level * level
        }
        return squares / (n * n * variance)
    }

    /// Differences after which the KPSS test no longer rejects a level, at most 2.
    public static func differences(_ series: [Double]) -> Int {
        var values = series
        for count in 0..<2 {
            guard let statistic = kpss(values), statistic > kpssCriticalValue else { return count }
            values = zip(values.dropFirst(), values).map { $0 - $1 }
        }
        return 2
    }

    /// Strength of the season, 1 - var(remainder) / var(season + remainder), in 0...1 (Wang, Smith and Hyndman 2006).
    ///
    /// The parts come from a moving average of one period and a smoothed mean of each phase, repeated twice. Zero for
    /// less than three periods.
    public static func seasonalStrength(_ series: [Double], period: Int) -> Double {
        guard period > 1, series.count >= 3 * period else { return 0 }
        let parts = SeasonalDecomposition(GapFilling.fill(series, period: period), period: period)
        let both = zip(parts.season, parts.remainder).map { $0 + $1 }
        let total = variance(both)
        guard total > 0 else { return 0 }
        return min(max(1 - variance(parts.remainder) / total, 0), 1)
    }

    /// Seasonal differences by strength: 1 above 0.64, else 0.
    public static func seasonalDifferences(_ series: [Double], period: Int) -> Int {
        seasonalStrength(series, period: period) > 0.64 ? 1 : 0
    }

    private static func variance(_ values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    }
}
