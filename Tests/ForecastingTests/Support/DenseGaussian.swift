import Forecasting
import Foundation

/// The likelihood and forecasts of an ARMA process by dense matrices, written without a line of the code under test:
/// autocovariances are sums over a long impulse response, everything else is one Cholesky factor.
struct DenseGaussian {
    let phi: [Double]
    let theta: [Double]
    /// Autocovariances at lags 0...99.
    let gamma: [Double]

    /// Multiplies (1 - phi B...)(1 - Phi B^s...) by hand.
    init(_ c: ARIMACoefficients, period: Int) {
        func multiply(_ a: [Double], _ b: [Double]) -> [Double] {
            var product = [Double](repeating: 0, count: a.count + b.count - 1)
            for i in a.indices { for j in b.indices { product[i + j] += a[i] * b[j] } }
            return product
        }
        func spread(_ values: [Double], sign: Double) -> [Double] {
            var polynomial = [Double](repeating: 0, count: values.count * period + 1)
            polynomial[0] = 1
            for (index, value) in values.enumerated() { polynomial[(index + 1) * period] = sign * value }
            return polynomial
        }
        let seasonalAR = spread(c.seasonalAutoregressive.first ?? [], sign: -1)
        let seasonalMA = spread(c.seasonalMovingAverage.first ?? [], sign: 1)
        phi = multiply([1] + c.autoregressive.map { -$0 }, seasonalAR).dropFirst().map { -$0 }
        theta = Array(multiply([1] + c.movingAverage, seasonalMA).dropFirst())
        gamma = Self.autocovariances(phi, theta)
    }

    private static func autocovariances(_ phi: [Double], _ theta: [Double]) -> [Double] {
        let length = 1500
        var psi = [Double](repeating: 0, count: length)
        psi[0] = 1
        for k in 1..<length {
            psi[k] = k <= theta.count ? theta[k - 1] : 0
            for j in 0..<min(k, phi.count) { psi[k] += phi[j] * psi[k - 1 - j] }
        }
        return (0..<100).map { lag in (0..<(length - lag)).reduce(0) { $0 + psi[$1] * psi[$1 + lag] } }
    }

    /// Logarithm of the density of a zero-mean stretch with the given innovation variance.
    func logDensity(_ w: [Double], variance: Double) -> Double {
        logDensity(w, variance: variance, factor: factor(w.count))
    }

    /// The same with a factor that is at hand.
    func logDensity(_ w: [Double], variance: Double, factor: [[Double]]) -> Double {
        let x = Self.forward(factor, w)
        let determinant = factor.indices.reduce(0) { $0 + 2 * log(factor[$1][$1]) }
        let squares = x.reduce(0) { $0 + $1 * $1 }
        return -0.5 * (Double(w.count) * log(2 * .pi * variance) + determinant + squares / variance)
    }

    /// Sum of squares of the whitened stretch over its length.
    func profiledVariance(_ w: [Double]) -> Double {
        whiten(w).1.reduce(0) { $0 + $1 * $1 } / Double(w.count)
    }

    /// Mean and covariance (innovation variance 1) of the next values given a stretch.
    func condition(_ w: [Double], steps: Int) -> (mean: [Double], covariance: [[Double]]) {
        let n = w.count
        let (factor, x) = whiten(w)
        let columns = (0..<steps).map { h in Self.forward(factor, (0..<n).map { gamma[n + h - $0] }) }
        let mean = columns.map { column in zip(column, x).reduce(0) { $0 + $1.0 * $1.1 } }
        let covariance = (0..<steps).map { i in
            (0..<steps).map { j in gamma[abs(i - j)] - zip(columns[i], columns[j]).reduce(0) { $0 + $1.0 * $1.1 } }
        }
        return (mean, covariance)
    }

    func whiten(_ w: [Double]) -> (factor: [[Double]], values: [Double]) {
        let factor = factor(w.count)
        return (factor, Self.forward(factor, w))
    }

    /// Cholesky factor of the covariance of `count` values.
    func factor(_ count: Int) -> [[Double]] {
        var factor = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
        for i in 0..<count {
            for j in 0...i {
                var sum = gamma[i - j]
                for k in 0..<j { sum -= factor[i][k] * factor[j][k] }
                factor[i][j] = i == j ? sum.squareRoot() : sum / factor[j][j]
            }
        }
        return factor
    }

    static func forward(_ factor: [[Double]], _ right: [Double]) -> [Double] {
        var x = right
        for i in right.indices {
            for k in 0..<i { x[i] -= factor[i][k] * x[k] }
            x[i] /= factor[i][i]
        }
        return x
    }
}

extension Array where Element == Double {
    /// Differences at a lag.
    func differenced(lag: Int) -> [Double] { indices.dropFirst(lag).map { self[$0] - self[$0 - lag] } }
}
