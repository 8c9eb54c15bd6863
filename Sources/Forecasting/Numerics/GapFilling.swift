/// Plausible numbers for missing values (NaN).
enum GapFilling {
    /// Fills from the values one or more periods before and after, shifted to meet the edges of the gap; without a
    /// period on the straight line between the edges. Missing values at the ends take the nearest known one. An empty
    /// or all-missing series comes back unchanged.
    static func fill(_ series: [Double], period: Int) -> [Double] {
        guard series.contains(where: \.isNaN), series.contains(where: { !$0.isNaN }) else { return series }
        var result = series
        var index = 0
        while index < series.count {
            guard series[index].isNaN else {
                index += 1
                continue
            }
            var end = index
            while end < series.count, series[end].isNaN { end += 1 }
            fillGap(&result, series, index..<end, period)
            index = end
        }
        return result
    }

    private static func fillGap(_ result: inout [Double], _ series: [Double], _ gap: Range<Int>, _ period: Int) {
        let before = gap.lowerBound > 0 ? gap.lowerBound - 1 : nil
        let after = gap.upperBound < series.count ? gap.upperBound : nil
        let shapes = gap.map { period > 1 ? likeValue(series, at: $0, period) : nil }
        let isShaped = !shapes.contains(nil)
        func offset(_ edge: Int?) -> Double? {
            guard let edge else { return nil }
            guard isShaped else { return series[edge] }
            return likeValue(series, at: edge, period).map { series[edge] - $0 } ?? 0
        }
        let left = offset(before)
        let right = offset(after)
        let width = Double(gap.count + 1)
        for (place, index) in gap.enumerated() {
            let share = Double(place + 1) / width
            let start = left ?? right ?? 0
            let shift = start + share * ((right ?? left ?? 0) - start)
            result[index] = (isShaped ? shapes[place] ?? 0 : 0) + shift
        }
    }

    /// Mean of the nearest known values whole periods before and after.
    private static func likeValue(_ series: [Double], at index: Int, _ period: Int) -> Double? {
        var found: [Double] = []
        for step in [-period, period] {
            var place = index + step
            while series.indices.contains(place), series[place].isNaN { place += step }
            if series.indices.contains(place) { found.append(series[place]) }
        }
        return found.isEmpty ? nil : found.reduce(0, +) / Double(found.count)
    }
}
