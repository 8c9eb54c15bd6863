/// A stationary ARMA process with innovation variance 1, its factors multiplied out, in Harvey's state form.
///
/// The state has r = max(p, q + 1) elements. Only the first column of its covariance is needed: Chandrasekhar's
/// recursions start from it (Pearlman 1980; Herbst 2015).
struct ARMAModel: Sendable {
    /// phi 1...p, dense, positive on the right-hand side.
    let phi: [Double]
    /// theta 1...q, dense.
    let theta: [Double]
    /// Nonzero terms of phi.
    let sparsePhi: SparseLags
    /// Nonzero terms of theta.
    let sparseTheta: SparseLags
    /// Terms of phi, factor by factor, those of period 1 first.
    let phiFactors: [SparseLags]
    /// Terms of theta, factor by factor.
    let thetaFactors: [SparseLags]

    /// Length of the state, r.
    var stateLength: Int { max(phi.count, theta.count + 1) }

    /// Multiplies the factors of a model.
    init(_ coefficients: ARIMACoefficients, order: ARIMAOrder) {
        var left = [(coefficients.autoregressive.map { -$0 }, 1)]
        var right = [(coefficients.movingAverage, 1)]
        for (index, factor) in order.seasonal.enumerated() {
            left.append((coefficients.seasonalAutoregressive[index].map { -$0 }, factor.period))
            right.append((coefficients.seasonalMovingAverage[index], factor.period))
        }
        phi = SparseLags.product(left).map { -$0 }
        theta = SparseLags.product(right)
        sparsePhi = SparseLags(phi)
        sparseTheta = SparseLags(theta)
        phiFactors = left.map { SparseLags($0.0.map { -$0 }, period: $0.1) }
        thetaFactors = right.map { SparseLags($0.0, period: $0.1) }
    }

    /// Weights psi 0..<count of the infinite moving average.
    func impulseResponse(count: Int) -> [Double] {
        var psi = [Double](repeating: 0, count: max(count, 1))
        psi[0] = 1
        var k = 1
        while k < count {
            var sum = k <= theta.count ? theta[k - 1] : 0
            var j = 0
            while j < sparsePhi.lags.count, sparsePhi.lags[j] <= k {
                sum += sparsePhi.values[j] * psi[k - sparsePhi.lags[j]]
                j += 1
            }
            psi[k] = sum
            k += 1
        }
        return psi
    }

    /// Autocovariances 0..<count; nil if the process is not stationary.
    func autocovariances(count: Int) -> [Double]? {
        let reach = theta.count
        guard let pure = PartialAutocorrelation.autocovariances(phi, count: count + reach) else { return nil }
        let lags = [0] + sparseTheta.lags
        let values = [1] + sparseTheta.values
        // Autocovariance of the moving-average part, by pairs of its terms.
        var weights = [Double](repeating: 0, count: reach + 1)
        for i in lags.indices {
            for j in 0...i { weights[lags[i] - lags[j]] += values[i] * values[j] }
        }
        var gamma = [Double](repeating: 0, count: count)
        for (shift, weight) in weights.enumerated() where weight != 0 {
            var k = 0
            while k < count {
                let back = k < shift ? shift - k : k - shift
                gamma[k] += shift == 0 ? weight * pure[k] : weight * (pure[k + shift] + pure[back])
                k += 1
            }
        }
        return gamma
    }

    /// First column of the covariance of the state before the first value; nil if the process is not stationary.
    func firstCovarianceColumn() -> [Double]? {
        let length = stateLength
        guard let gamma = autocovariances(count: length) else { return nil }
        let psi = impulseResponse(count: length)
        var column = [Double](repeating: 0, count: length)
        column[0] = gamma[0]
        for (lag, value) in zip(sparsePhi.lags, sparsePhi.values) {
            var i = 1
            while i < lag {
                column[i] += value * gamma[lag - i]
                i += 1
            }
        }
        for (lag, value) in zip(sparseTheta.lags, sparseTheta.values) {
            var i = 1
            while i <= lag {
                column[i] += value * psi[lag - i]
                i += 1
            }
        }
        return column
    }
}
