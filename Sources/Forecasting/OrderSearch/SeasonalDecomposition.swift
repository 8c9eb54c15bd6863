/// A series as trend + season + remainder.
struct SeasonalDecomposition {
    let trend: [Double]
    let season: [Double]
    let remainder: [Double]

    /// Decomposes a complete series of at least two periods; each phase may change slowly (triangular weights over
    /// six periods on either side).
    init(_ series: [Double], period: Int) {
        var season = [Double](repeating: 0, count: series.count)
        var trend = season
        for _ in 0..<2 {
            let adjusted = zip(series, season).map { $0 - $1 }
            trend = Self.movingAverage(adjusted, period: period)
            let detrended = zip(series, trend).map { $0 - $1 }
            season = Self.smoothPhases(detrended, period: period)
            let level = Self.movingAverage(season, period: period)
            season = zip(season, level).map { $0 - $1 }
        }
        self.trend = trend
        self.season = season
        remainder = series.indices.map { [season] in series[$0] - trend[$0] - season[$0] }
    }

    /// Centred mean over one period (half weights at the ends of an even one); cut at the ends of the series.
    private static func movingAverage(_ series: [Double], period: Int) -> [Double] {
        let half = period / 2
        let edge = period % 2 == 0 ? 0.5 : 1
        var sums = [0.0]
        for value in series { sums.append(sums[sums.count - 1] + value) }
        return series.indices.map { index in
            let (low, high) = (index - half, index + half)
            if low >= 0, high < series.count {
                let inner = sums[high] - sums[low + 1]
                return (inner + edge * (series[low] + series[high])) / Double(period)
            }
            // The nearest whole period.
            let start = min(max(low, 0), max(series.count - period, 0))
            let end = min(start + period, series.count)
            return (sums[end] - sums[start]) / Double(end - start)
        }
    }

    private static func smoothPhases(_ series: [Double], period: Int) -> [Double] {
        let reach = 6
        return series.indices.map { index in
            var (sum, weights) = (0.0, 0.0)
            for step in -reach...reach {
                let place = index + step * period
                guard series.indices.contains(place) else { continue }
                let weight = Double(reach + 1 - abs(step))
                sum += weight * series[place]
                weights += weight
            }
            return sum / weights
        }
    }
}
