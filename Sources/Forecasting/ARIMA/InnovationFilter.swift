/// One-step prediction errors of several columns under one ARMA model, with their common relative variances.
///
/// Exact from the first value: Chandrasekhar increments cost O(r) per step instead of the O(r^2) of a covariance
/// update. Once the variance has stayed at 1 for r steps the gain no longer moves, and the recursion goes on with the
/// nonzero lags only.
struct InnovationFilter {
    /// How the start of the series is treated.
    enum Start {
        /// Zeros before the first value: the conditional sum of squares.
        case conditional
        /// The stationary distribution, with the short recursion at the end.
        case exact
        /// The stationary distribution; gain and state are kept to the end, as forecasts need them.
        case exactThroughout
    }

    /// What a run leaves beside the innovations.
    struct Outcome {
        /// Sum of the logarithms of the relative variances.
        var logDeterminant: Double
        /// Relative variance of the next value.
        var variance: Double
        /// Factor of the increment of the covariance.
        var increment: Double
    }

    /// Relative distance of the variance from 1 that counts as settled.
    static let settled = 1e-9

    /// Number of rows.
    let length: Int
    /// Number of columns.
    let columns: Int
    /// First row that is not zero, per column.
    let firstRows: [Int]
    /// Zeros in front of every column, at least the length of the state.
    let padding: Int
    /// The columns, each with its padding.
    private let values: [Double]
    /// Innovations divided by the roots of their relative variances; laid out as the values.
    private(set) var innovations: [Double]
    /// phi, gain times variance, increment, and one state per column: blocks of `padding + 1`.
    private(set) var scratch: [Double]

    /// Copies the columns (each of the same length) for models whose state has at most `stateLength` elements.
    init(columns source: [[Double]], stateLength: Int) {
        length = source.first?.count ?? 0
        columns = source.count
        padding = stateLength
        firstRows = source.map { $0.firstIndex { $0 != 0 } ?? $0.count }
        let blank = [Double](repeating: 0, count: stateLength)
        values = source.flatMap { blank + $0 }
        innovations = [Double](repeating: 0, count: values.count)
        scratch = [Double](repeating: 0, count: (3 + source.count) * (stateLength + 1))
    }

    /// Distance between the starts of two columns in ``innovations``.
    var stride: Int { padding + length }

    /// Elements of the gain times variance, T P Z', after a run.
    func gain(_ index: Int) -> Double { scratch[(padding + 1) + index] }
    /// Elements of the increment's direction after a run.
    func direction(_ index: Int) -> Double { scratch[2 * (padding + 1) + index] }
    /// Elements of a column's predicted state after a run.
    func state(column: Int, _ index: Int) -> Double { scratch[(3 + column) * (padding + 1) + index] }

    /// Filters all columns; nil if the model is not stationary or the variance is lost in rounding.
    mutating func run(_ model: ARMAModel, start: Start) -> Outcome? {
        guard model.stateLength <= padding else { return nil }
        guard start != .conditional else {
            recurse(model, from: 0)
            return Outcome(logDeterminant: 0, variance: 1, increment: 0)
        }
        guard let column = model.firstCovarianceColumn() else { return nil }
        prepare(model, column)
        guard let (outcome, row) = increments(model.stateLength, column[0], stopsWhenSettled: start == .exact) else {
            return nil
        }
        if row < length { recurse(model, from: row) }
        return outcome
    }

    private mutating func prepare(_ model: ARMAModel, _ column: [Double]) {
        let block = padding + 1
        for index in scratch.indices { scratch[index] = 0 }
        for (lag, value) in zip(model.sparsePhi.lags, model.sparsePhi.values) { scratch[lag - 1] = value }
        for index in column.indices {
            let shifted = index + 1 < column.count ? column[index + 1] : 0
            scratch[block + index] = shifted + scratch[index] * column[0]
            scratch[2 * block + index] = scratch[block + index]
        }
    }

    /// The increments until the end or until the gain has settled; returns the row where the rest begins.
    private mutating func increments(
        _ stateLength: Int, _ firstVariance: Double, stopsWhenSettled: Bool
    ) -> (Outcome, row: Int)? {
        let (rows, count, step, block, offset) = (length, columns, stride, padding + 1, padding)
        let firsts = firstRows
        return scratch.withUnsafeMutableBufferPointer { work in
            innovations.withUnsafeMutableBufferPointer { output in
                values.withUnsafeBufferPointer { input in
                    guard let phi = work.baseAddress, let out = output.baseAddress, let data = input.baseAddress
                    else { return nil }
                    let (gain, direction, states) = (phi + block, phi + 2 * block, phi + 3 * block)
                    var (variance, factor) = (firstVariance, -1 / firstVariance)
                    var (product, logarithm, calm, row) = (1.0, 0.0, 0, 0)
                    while row < rows {
                        // Below 1 only rounding can lead, next to a root on the unit circle.
                        guard variance > 1 - 1e-7, variance < 1e150 else { return nil }
                        product *= variance
                        if product > 1e150 {
                            logarithm += Elementary.log(product)
                            product = 1
                        }
                        let root = 1 / variance.squareRoot()
                        var column = 0
                        while column < count {
                            if row >= firsts[column] {
                                let state = states + column * block
                                let position = column * step + offset + row
                                let error = data[position] - state[0]
                                out[position] = error * root
                                Self.advance(state, phi, gain, error / variance, stateLength)
                            }
                            column += 1
                        }
                        Self.increment(gain, direction, phi, &variance, &factor, stateLength)
                        row += 1
                        calm = (variance - 1).magnitude < Self.settled ? calm + 1 : 0
                        if stopsWhenSettled, calm >= stateLength { break }
                    }
                    let outcome = Outcome(
                        logDeterminant: logarithm + Elementary.log(product), variance: variance, increment: factor)
                    return (outcome, row)
                }
            }
        }
    }

    /// a <- T a + K v, in place; `step` is the error over its variance.
    @inline(__always)
    private static func advance(
        _ state: UnsafeMutablePointer<Double>, _ phi: UnsafeMutablePointer<Double>,
        _ gain: UnsafeMutablePointer<Double>, _ step: Double, _ length: Int
    ) {
        let first = state[0]
        var i = 0
        while i < length {
            state[i] = state[i + 1] + phi[i] * first + gain[i] * step
            i += 1
        }
    }

    /// One Chandrasekhar step of gain, direction, factor and variance, in place.
    @inline(__always)
    private static func increment(
        _ gain: UnsafeMutablePointer<Double>, _ direction: UnsafeMutablePointer<Double>,
        _ phi: UnsafeMutablePointer<Double>, _ variance: inout Double, _ factor: inout Double, _ length: Int
    ) {
        let first = direction[0]
        let weight = factor * first
        let next = variance + first * weight
        factor += weight * weight / variance
        let share = first / next
        variance = next
        var i = 0
        while i < length {
            let moved = direction[i + 1] + phi[i] * first
            let updated = gain[i] + moved * weight
            gain[i] = updated
            direction[i] = moved - updated * share
            i += 1
        }
    }

    /// The settled recursion from a row on: only the nonzero lags, factor by factor.
    private mutating func recurse(_ model: ARMAModel, from start: Int) {
        let (rows, step, offset) = (length, stride, padding)
        let firsts = firstRows
        innovations.withUnsafeMutableBufferPointer { output in
            values.withUnsafeBufferPointer { input in
                guard let out = output.baseAddress, let data = input.baseAddress else { return }
                for column in firsts.indices {
                    let first = max(start, firsts[column])
                    guard first < rows else { continue }
                    let (errors, series) = (out + column * step + offset, data + column * step + offset)
                    // Both have at least this many rows before the first, zeros where the series has not begun.
                    FactorRecursion(rows: first..<rows, reach: offset).run(model, series, onto: errors)
                }
            }
        }
    }
}
