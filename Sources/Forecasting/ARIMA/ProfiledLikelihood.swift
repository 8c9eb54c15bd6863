/// The exact Gaussian likelihood as a function of the ARMA coefficients alone: innovation variance, regression and
/// missing values are profiled or integrated out at each point.
struct ProfiledLikelihood {
    /// The likelihood at one point.
    struct Value: Sendable {
        /// Logarithm of the likelihood of the differenced series, without a Jacobian.
        var logLikelihood: Double
        /// Innovation variance at its maximum, in squared units of the series.
        var variance: Double
        /// Coefficients of the gap columns, then of the regressors, in scaled units.
        var solution: [Double]
    }

    var filter: InnovationFilter
    /// Gap columns that come first.
    let gapCount: Int
    /// Number of values that count: differenced ones minus missing ones.
    let effectiveCount: Int
    private let scale: Double
    /// Factor by which each column was multiplied.
    let columnScales: [Double]
    /// Calls so far.
    private(set) var calls = 0
    /// Factored Gram matrix of the last call.
    private(set) var equations = NormalEquations(gram: [], size: 0)

    /// Differences the sample for models of the given order.
    init(_ sample: PreparedSample, order: ARIMAOrder, integratesGaps: Bool = true) throws(ARIMAError) {
        let differencing = Differencing(order)
        let gapColumns = integratesGaps ? sample.gapColumns.map(differencing.difference) : []
        var columns = [differencing.difference(sample.values)] + gapColumns
        var scales = [Double](repeating: 1, count: columns.count)
        for regressor in sample.regressors {
            let column = differencing.difference(regressor)
            let peak = column.reduce(0) { max($0, $1.magnitude) }
            let factor = peak > 0 ? 1 / peak : 1
            columns.append(column.map { $0 * factor })
            scales.append(factor)
        }
        gapCount = gapColumns.count
        columnScales = Array(scales.dropFirst())
        scale = sample.scale
        effectiveCount = columns[0].count - sample.gaps.count
        let needed = order.coefficientCount + sample.regressors.count + 2
        guard effectiveCount >= needed else { throw .tooFewValues(known: effectiveCount, needed: needed) }
        filter = InnovationFilter(
            columns: columns, stateLength: max(order.autoregressiveDegree, order.movingAverageDegree + 1))
    }

    /// Evaluates a model; nil if it is not stationary or leaves no variance.
    mutating func evaluate(_ model: ARMAModel, start: InnovationFilter.Start = .exact) -> Value? {
        calls += 1
        guard let outcome = filter.run(model, start: start) else { return nil }
        let (squares, solution) = profile()
        let count = Double(effectiveCount)
        let variance = squares / count
        guard variance > 1e-26, variance.isFinite else { return nil }
        let determinant = outcome.logDeterminant + equations.logDeterminant(leading: gapCount)
        let logLikelihood =
            -0.5 * count * (Elementary.log(2 * .pi * variance) + 1) - 0.5 * determinant
            - count * Elementary.log(scale)
        return Value(logLikelihood: logLikelihood, variance: variance * scale * scale, solution: solution)
    }

    /// Counts calls of another likelihood of the same series.
    mutating func add(calls more: Int) { calls += more }

    /// Standardised innovations after profiling, in units of the series.
    func residuals(_ solution: [Double]) -> [Double] {
        combined(solution).map { $0 * scale }
    }

    private mutating func profile() -> (squares: Double, solution: [Double]) {
        let size = filter.columns - 1
        guard size > 0 else { return (dot(0, 0), []) }
        var gram = [Double](repeating: 0, count: size * size)
        var right = [Double](repeating: 0, count: size)
        for i in 0..<size {
            right[i] = dot(0, i + 1)
            for j in 0...i { gram[i * size + j] = dot(i + 1, j + 1) }
        }
        equations = NormalEquations(gram: gram, size: size)
        let solution = equations.solve(right)
        return (combined(solution).reduce(0) { $0 + $1 * $1 }, solution)
    }

    private func combined(_ solution: [Double]) -> [Double] {
        let start = filter.padding
        var result = Array(filter.innovations[start..<(start + filter.length)])
        for (index, coefficient) in solution.enumerated() where coefficient != 0 {
            let column = (index + 1) * filter.stride + start
            var row = filter.firstRows[index + 1]
            while row < filter.length {
                result[row] -= coefficient * filter.innovations[column + row]
                row += 1
            }
        }
        return result
    }

    private func dot(_ left: Int, _ right: Int) -> Double {
        filter.innovations.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            let (a, b) = (base + left * filter.stride + filter.padding, base + right * filter.stride + filter.padding)
            var row = max(filter.firstRows[left], filter.firstRows[right])
            let rows = filter.length
            var sum = 0.0
            while row < rows {
                sum += a[row] * b[row]
                row += 1
            }
            return sum
        }
    }
}
