/// Columns to regress on.
public enum RegressorBasis {
    /// Sine and cosine of the first `harmonics` harmonics of a period, for `count` steps from index `start`.
    ///
    /// With several periods, leave out the harmonics that an earlier period has already: the seventh of a week is the
    /// first of a day (`skippingMultiplesOf: 7`). The sine of half the sampling frequency is zero and left out.
    public static func fourier(
        period: Int, harmonics: Int, start: Int = 0, count: Int, skippingMultiplesOf skipped: Int? = nil
    ) -> [[Double]] {
        guard period > 1, harmonics > 0, count >= 0 else { return [] }
        var columns: [[Double]] = []
        for harmonic in 1...min(harmonics, period / 2) {
            if let skipped, skipped > 0, harmonic % skipped == 0 { continue }
            var (sines, cosines): ([Double], [Double]) = ([], [])
            for index in start..<(start + count) {
                let turns = Double((index * harmonic) % period) / Double(period)
                let (sine, cosine) = Elementary.sineAndCosine(turns: turns)
                sines.append(sine)
                cosines.append(cosine)
            }
            if 2 * harmonic != period { columns.append(sines) }
            columns.append(cosines)
        }
        return columns
    }

    /// The value itself and its excess over each knot: together any continuous function with bends at the knots.
    public static func piecewiseLinear(_ values: [Double], knots: [Double]) -> [[Double]] {
        [values] + knots.map { knot in values.map { max($0 - knot, 0) } }
    }

    /// How a load feels a driver such as the temperature: bends at its quartiles, now and on the mean of the last day.
    static func driver(_ values: [Double], stepsPerDay: Int) -> [[Double]] {
        let sorted = values.sorted()
        guard let low = sorted.first, let high = sorted.last, high > low else { return [] }
        let knots = [0.25, 0.5, 0.75].map { sorted[Int($0 * Double(sorted.count - 1))] }
        var sums = [0.0]
        for value in values { sums.append(sums[sums.count - 1] + value - low) }
        let memory = values.indices.map { index in
            let start = max(index + 1 - stepsPerDay, 0)
            return low + (sums[index + 1] - sums[start]) / Double(index + 1 - start)
        }
        return piecewiseLinear(values, knots: knots) + piecewiseLinear(memory, knots: knots)
    }
}
