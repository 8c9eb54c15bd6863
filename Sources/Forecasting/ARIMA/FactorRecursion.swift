/// Innovations from a row on by the factors of a model, one after the other: p + P terms per value where the product of
/// the factors has (p + 1)(P + 1) - 1.
///
/// Between two factors stands a series of its own. Its values before the first row are made from what is known there
/// and lie, while they are needed, in the place of the innovations before the first row.
struct FactorRecursion {
    /// The rows to fill.
    let rows: Range<Int>
    /// Rows before them that may be read and written, at least the degree of either side of the model.
    let reach: Int

    /// Fills the rows of `errors`; the innovations before them are read and stay as they are.
    func run(_ model: ARMAModel, _ series: UnsafePointer<Double>, onto errors: UnsafeMutablePointer<Double>) {
        let start = rows.lowerBound
        let past = (0..<reach).map { errors[start - reach + $0] }
        var history = (0..<reach).map { series[start - reach + $0] }
        let (autoregressive, movingAverage) = (model.phiFactors, model.thetaFactors)
        regress(series, onto: errors, autoregressive[0])
        for index in autoregressive.indices.dropFirst() where !autoregressive[index].lags.isEmpty {
            Self.multiply(&history, autoregressive[index - 1], sign: -1)
            write(history, before: errors)
            regress(errors, autoregressive[index])
        }
        for index in movingAverage.indices where !movingAverage[index].lags.isEmpty {
            var between = past
            for later in movingAverage[(index + 1)...] { Self.multiply(&between, later, sign: 1) }
            write(between, before: errors)
            deconvolve(errors, movingAverage[index])
        }
        write(past, before: errors)
    }

    private func write(_ history: [Double], before errors: UnsafeMutablePointer<Double>) {
        var index = 0
        while index < reach {
            errors[rows.lowerBound - reach + index] = history[index]
            index += 1
        }
    }

    /// One factor times a stretch, in place; the first rows lack what came before and are not used.
    private static func multiply(_ values: inout [Double], _ factor: SparseLags, sign: Double) {
        guard !factor.lags.isEmpty else { return }
        var row = values.count - 1
        while row >= 0 {
            var term = 0
            while term < factor.lags.count, factor.lags[term] <= row {
                values[row] += sign * factor.values[term] * values[row - factor.lags[term]]
                term += 1
            }
            row -= 1
        }
    }

    /// w - sum of phi w[t - lag], from one series into another.
    private func regress(
        _ series: UnsafePointer<Double>, onto errors: UnsafeMutablePointer<Double>, _ phi: SparseLags
    ) {
        var row = rows.lowerBound
        while row < rows.upperBound {
            errors[row] = series[row]
            row += 1
        }
        // Term by term: nothing here depends on the row before, so the processor takes several rows at once.
        phi.withPointers { count, lags, values in
            var j = 0
            while j < count {
                let (value, shifted) = (values[j], series - lags[j])
                var row = rows.lowerBound
                while row < rows.upperBound {
                    errors[row] -= value * shifted[row]
                    row += 1
                }
                j += 1
            }
        }
    }

    /// The same in place: from the end, so that a row is read before it changes.
    private func regress(_ errors: UnsafeMutablePointer<Double>, _ phi: SparseLags) {
        phi.withPointers { count, lags, values in
            var row = rows.upperBound - 1
            while row >= rows.lowerBound {
                var sum = 0.0
                var j = 0
                while j < count {
                    sum += values[j] * errors[row - lags[j]]
                    j += 1
                }
                errors[row] -= sum
                row -= 1
            }
        }
    }

    /// e - sum of theta e[t - lag], in place. The shortest lag comes last: only it waits for the row before.
    private func deconvolve(_ errors: UnsafeMutablePointer<Double>, _ theta: SparseLags) {
        theta.withPointers { count, lags, values in
            var row = rows.lowerBound
            while row < rows.upperBound {
                var rest = errors[row]
                var j = count - 1
                while j >= 0 {
                    rest -= values[j] * errors[row - lags[j]]
                    j -= 1
                }
                errors[row] = rest
                row += 1
            }
        }
    }
}
