/// The Durbin-Levinson map between partial autocorrelations and autoregressive coefficients.
enum PartialAutocorrelation {
    /// Coefficients phi 1...k of the stationary autoregression with these partial autocorrelations.
    static func coefficients(_ partials: [Double]) -> [Double] {
        var phi = partials
        var work = partials
        var k = 1
        while k < partials.count {
            let last = partials[k]
            var j = 0
            while j < k {
                work[j] = phi[j] - last * phi[k - 1 - j]
                j += 1
            }
            j = 0
            while j < k {
                phi[j] = work[j]
                j += 1
            }
            k += 1
        }
        return phi
    }

    /// Partial autocorrelations of an autoregression; nil if it is not stationary.
    static func partials(_ coefficients: [Double]) -> [Double]? {
        var phi = coefficients
        var result = coefficients
        var k = coefficients.count
        while k > 0 {
            let last = phi[k - 1]
            guard last.magnitude < 1 else { return nil }
            result[k - 1] = last
            let scale = 1 / (1 - last * last)
            var next = phi
            for j in 0..<(k - 1) { next[j] = (phi[j] + last * phi[k - 2 - j]) * scale }
            phi = next
            k -= 1
        }
        return result
    }

    /// Autocovariances 0...count - 1 of the autoregression with innovation variance 1; nil if it is not stationary.
    ///
    /// Steps the recursion down and up again: O(k^2) for degree k, no linear system.
    static func autocovariances(_ coefficients: [Double], count: Int) -> [Double]? {
        let degree = coefficients.count
        var gamma = [Double](repeating: 0, count: max(count, degree + 1))
        guard degree > 0 else {
            gamma[0] = 1
            return gamma
        }
        // Row k - 1 holds the coefficients of the best predictor of order k.
        var rows = [Double](repeating: 0, count: degree * degree)
        for j in 0..<degree { rows[(degree - 1) * degree + j] = coefficients[j] }
        guard stepDown(&rows, degree) else { return nil }
        var variance = 1.0
        for k in 0..<degree {
            let partial = rows[k * degree + k]
            variance /= 1 - partial * partial
        }
        guard variance.isFinite else { return nil }
        stepUp(&gamma, rows, degree, variance)
        extend(&gamma, coefficients)
        return gamma
    }

    private static func stepDown(_ rows: inout [Double], _ degree: Int) -> Bool {
        rows.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            var k = degree - 1
            while k >= 0 {
                let row = base + k * degree
                let last = row[k]
                guard last.magnitude < 1 else { return false }
                if k > 0 {
                    let lower = row - degree
                    let scale = 1 / (1 - last * last)
                    var j = 0
                    while j < k {
                        lower[j] = (row[j] + last * row[k - 1 - j]) * scale
                        j += 1
                    }
                }
                k -= 1
            }
            return true
        }
    }

    private static func stepUp(_ gamma: inout [Double], _ rows: [Double], _ degree: Int, _ variance: Double) {
        gamma[0] = variance
        var error = variance
        for k in 1...degree {
            let partial = rows[(k - 1) * degree + k - 1]
            var sum = partial * error
            if k > 1 {
                let row = (k - 2) * degree
                var j = 1
                while j < k {
                    sum += rows[row + j - 1] * gamma[k - j]
                    j += 1
                }
            }
            gamma[k] = sum
            error *= 1 - partial * partial
        }
    }

    private static func extend(_ gamma: inout [Double], _ coefficients: [Double]) {
        let terms = SparseLags(coefficients)
        var k = coefficients.count + 1
        while k < gamma.count {
            var sum = 0.0
            var j = 0
            while j < terms.lags.count {
                sum += terms.values[j] * gamma[k - terms.lags[j]]
                j += 1
            }
            gamma[k] = sum
            k += 1
        }
    }
}
