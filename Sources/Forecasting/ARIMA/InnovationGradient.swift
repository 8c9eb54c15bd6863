/// How the conditional sum of squares moves with the search's vector.
///
/// With zeros before the series all factors commute, so the derivative of the innovations by the i-th coefficient of a
/// factor is the innovations divided by that factor, i periods later: one sparse recursion per factor gives every
/// derivative.
struct InnovationGradient {
    /// One factor of the model, in the sequence of the vector.
    private struct Block {
        /// The coefficients a of 1 + sum of a B^(i period).
        var polynomial: [Double]
        var period: Int
        /// Places in the vector.
        var range: Range<Int>
        /// Sign of a derivative by the coefficient that the partial autocorrelations give.
        var sign: Double
    }

    /// Half the gradient.
    private(set) var slope: [Double]
    /// Gauss-Newton's matrix: half the Hessian without second derivatives, row by row.
    private(set) var curvature: [Double]

    /// Differentiates at a point with the given innovations.
    init(_ innovations: [Double], at point: [Double], order: ARIMAOrder) {
        let blocks = Self.blocks(at: point, order: order)
        let divided = blocks.map { Self.divide(innovations, by: $0.polynomial, period: $0.period) }
        // Per place, the divided innovations and how far they are shifted.
        let columns = blocks.indices.flatMap { block in
            blocks[block].polynomial.indices.map { (block, shift: ($0 + 1) * blocks[block].period) }
        }
        let count = point.count
        slope = [Double](repeating: 0, count: count)
        curvature = [Double](repeating: 0, count: count * count)
        for (i, column) in columns.enumerated() {
            let sign = blocks[column.0].sign
            slope[i] = sign * Self.dot(divided[column.0], column.shift, innovations, 0)
            for (j, other) in columns.prefix(i + 1).enumerated() {
                let product = Self.dot(divided[column.0], column.shift, divided[other.0], other.shift)
                curvature[i * count + j] = sign * blocks[other.0].sign * product
                curvature[j * count + i] = curvature[i * count + j]
            }
        }
        for block in blocks { changeVariables(point, block.range) }
    }

    private static func blocks(at point: [Double], order: ARIMAOrder) -> [Block] {
        let coefficients = ARIMACoefficients(unconstrained: point, order: order)
        var blocks: [Block] = []
        var position = 0
        func add(_ polynomial: [Double], _ period: Int, sign: Double) {
            let range = position..<(position + polynomial.count)
            if !range.isEmpty { blocks.append(Block(polynomial: polynomial, period: period, range: range, sign: sign)) }
            position = range.upperBound
        }
        add(coefficients.autoregressive.map { -$0 }, 1, sign: -1)
        add(coefficients.movingAverage, 1, sign: 1)
        for (index, factor) in order.seasonal.enumerated() {
            add(coefficients.seasonalAutoregressive[index].map { -$0 }, factor.period, sign: -1)
            add(coefficients.seasonalMovingAverage[index], factor.period, sign: 1)
        }
        return blocks
    }

    /// Chain rule for one factor: from its coefficients to its part of the vector.
    private mutating func changeVariables(_ point: [Double], _ range: Range<Int>) {
        let (count, width) = (point.count, range.count)
        let jacobian = ARIMACoefficients.jacobian(unconstrained: Array(point[range]))
        func through(_ values: [Double]) -> [Double] {
            (0..<width).map { i in (0..<width).reduce(0) { $0 + jacobian[$1 * width + i] * values[$1] } }
        }
        slope.replaceSubrange(range, with: through(Array(slope[range])))
        for row in 0..<count {
            let place = (row * count + range.lowerBound)..<(row * count + range.upperBound)
            curvature.replaceSubrange(place, with: through(Array(curvature[place])))
        }
        for column in 0..<count {
            let changed = through(range.map { curvature[$0 * count + column] })
            for (row, value) in zip(range, changed) { curvature[row * count + column] = value }
        }
    }

    /// The series z with z + sum of a z[t - i period] = e, zeros before it.
    private static func divide(_ errors: [Double], by polynomial: [Double], period: Int) -> [Double] {
        var result = errors
        result.withUnsafeMutableBufferPointer { buffer in
            guard let z = buffer.baseAddress else { return }
            var row = period
            while row < buffer.count {
                // The shortest lag comes last: only it may wait for the row before.
                var rest = z[row]
                var lag = min(polynomial.count, row / period)
                while lag > 0 {
                    rest -= polynomial[lag - 1] * z[row - lag * period]
                    lag -= 1
                }
                z[row] = rest
                row += 1
            }
        }
        return result
    }

    /// Sum of a[t - shift] b[t - other], zeros before both.
    private static func dot(_ left: [Double], _ shift: Int, _ right: [Double], _ other: Int) -> Double {
        let (drop, rest) = (max(shift, other), left.count - max(shift, other))
        guard rest > 0 else { return 0 }
        return left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                guard let first = left.baseAddress, let second = right.baseAddress else { return 0 }
                let (a, b) = (first + (drop - shift), second + (drop - other))
                // Eight sums side by side: one would wait for itself.
                var (low, high) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
                var row = 0
                while row + 8 <= rest {
                    low +=
                        SIMD4(a[row], a[row + 1], a[row + 2], a[row + 3])
                        * SIMD4(b[row], b[row + 1], b[row + 2], b[row + 3])
                    high +=
                        SIMD4(a[row + 4], a[row + 5], a[row + 6], a[row + 7])
                        * SIMD4(b[row + 4], b[row + 5], b[row + 6], b[row + 7])
                    row += 8
                }
                var sum = (low + high).sum()
                while row < rest {
                    sum += a[row] * b[row]
                    row += 1
                }
                return sum
            }
        }
    }
}

extension ARIMACoefficients {
    /// Derivatives of a block's coefficients by its unconstrained numbers: row per coefficient.
    ///
    /// Each coefficient is affine in each partial autocorrelation, so that half the difference between the values at
    /// 1 and -1 is the derivative.
    fileprivate static func jacobian(unconstrained block: [Double]) -> [Double] {
        let count = block.count
        let bounded = block.map(Elementary.tanh)
        let partials = bounded.map { limit * $0 }
        var result = [Double](repeating: 0, count: count * count)
        for column in 0..<count {
            var trial = partials
            trial[column] = 1
            let above = PartialAutocorrelation.coefficients(trial)
            trial[column] = -1
            let below = PartialAutocorrelation.coefficients(trial)
            let inner = limit * (1 - bounded[column] * bounded[column])
            for row in 0..<count { result[row * count + column] = 0.5 * (above[row] - below[row]) * inner }
        }
        return result
    }
}
