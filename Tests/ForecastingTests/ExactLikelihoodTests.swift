import Forecasting
import Foundation
import Testing

/// The fast likelihood against dense matrices on small simulated series.
struct ExactLikelihoodTests {
    static let coefficients = ARIMACoefficients(
        autoregressive: [0.6, -0.2], movingAverage: [0.4], seasonalAutoregressive: [[0.5]],
        seasonalMovingAverage: [[-0.7]])

    /// Forty numbers without structure; the likelihood does not care.
    static func numbers(_ count: Int, seed: UInt64 = 7) -> [Double] {
        var random = SplitMix(state: seed)
        var level = 0.0
        return (0..<count).map { _ in
            level = 0.7 * level + random.normal()
            return 10 + 3 * level
        }
    }

    func order(_ d: Int, _ D: Int, constant: ConstantTerm = .none) -> ARIMAOrder {
        ARIMAOrder(2, d, 1, seasonal: [SeasonalOrder(1, D, 1, period: 4)], constant: constant)
    }

    @Test(arguments: [(0, 0), (1, 0), (0, 1), (1, 1), (2, 1)])
    func `the likelihood of a differenced series is the dense one`(d: Int, D: Int) throws {
        let series = Self.numbers(40)
        let fit = try ARIMA.evaluate(series, order: order(d, D), at: Self.coefficients)
        var w = series
        for _ in 0..<d { w = w.differenced(lag: 1) }
        for _ in 0..<D { w = w.differenced(lag: 4) }
        let dense = DenseGaussian(Self.coefficients, period: 4)
        let variance = dense.profiledVariance(w)
        #expect((fit.variance / variance - 1).magnitude < 1e-10)
        #expect((fit.logLikelihood - dense.logDensity(w, variance: variance)).magnitude < 1e-9)
        #expect(fit.effectiveCount == w.count)
        let squares = fit.residuals.filter { !$0.isNaN }.reduce(0) { $0 + $1 * $1 }
        #expect((squares / Double(w.count) / variance - 1).magnitude < 1e-10)
    }

    @Test func `mean and regressor are the generalised least squares of the dense covariance`() throws {
        let series = Self.numbers(40)
        let step = (0..<40).map { $0 < 25 ? 0.0 : 1.0 }
        let fit = try ARIMA.evaluate(
            series, order: order(0, 0, constant: .mean), regressors: [step], at: Self.coefficients)
        let dense = DenseGaussian(Self.coefficients, period: 4)
        let (factor, y) = dense.whiten(series)
        let a = DenseGaussian.forward(factor, [Double](repeating: 1, count: 40))
        let b = DenseGaussian.forward(factor, step)
        func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
        let determinant = dot(a, a) * dot(b, b) - dot(a, b) * dot(a, b)
        let mean = (dot(a, y) * dot(b, b) - dot(b, y) * dot(a, b)) / determinant
        let slope = (dot(b, y) * dot(a, a) - dot(a, y) * dot(a, b)) / determinant
        #expect((try #require(fit.constant) - mean).magnitude < 1e-9)
        #expect((fit.regression[0] - slope).magnitude < 1e-9)
    }

    @Test func `a missing value is integrated out, with and without differencing`() throws {
        for (d, D) in [(0, 0), (1, 0), (1, 1)] {
            let series = Self.numbers(30, seed: 3)
            var gappy = series
            gappy[17] = .nan
            let fit = try ARIMA.evaluate(gappy, order: order(d, D), at: Self.coefficients)
            let dense = DenseGaussian(Self.coefficients, period: 4)
            // The density over all values of the missing number, by the trapezoid rule.
            let width = 0.1 * fit.variance.squareRoot()
            let center = fit.missingValues[0]
            let factor = dense.factor(30 - order(d, D).lostValues)
            var integral = 0.0
            for place in -120...120 {
                var full = series
                full[17] = center + width * Double(place)
                for _ in 0..<d { full = full.differenced(lag: 1) }
                for _ in 0..<D { full = full.differenced(lag: 4) }
                let density = dense.logDensity(full, variance: fit.variance, factor: factor)
                integral += width * exp(density - fit.logLikelihood)
            }
            #expect((log(integral)).magnitude < 1e-8, "d \(d), D \(D)")
        }
    }

    @Test func `two gaps, one at each end, count like a shorter series`() throws {
        let series = Self.numbers(40)
        let short = try ARIMA.evaluate(Array(series[3..<38]), order: order(1, 1), at: Self.coefficients)
        let padded = [Double](repeating: .nan, count: 3) + series[3..<38] + [.nan, .nan]
        let long = try ARIMA.evaluate(padded, order: order(1, 1), at: Self.coefficients)
        #expect(long.logLikelihood == short.logLikelihood)
        #expect(try long.forecast(steps: 3).mean == Array(try short.forecast(steps: 5).mean.suffix(3)))
    }

    @Test func `forecasts are the conditional distribution of the dense covariance`() throws {
        let series = Self.numbers(36)
        let w = series.differenced(lag: 1).differenced(lag: 4)
        let fit = try ARIMA.evaluate(series, order: order(1, 1), at: Self.coefficients)
        let forecast = try fit.forecast(steps: 9)
        let (mean, covariance) = DenseGaussian(Self.coefficients, period: 4).condition(w, steps: 9)
        // Undo the differences of means; the map of future differences to values has the same weights.
        func undo(_ differences: [Double], after history: [Double]) -> [Double] {
            var y = history
            for value in differences { y.append(value + y[y.count - 1] + y[y.count - 4] - y[y.count - 5]) }
            return Array(y.dropFirst(history.count))
        }
        let expected = undo(mean, after: series)
        let zeros = [Double](repeating: 0, count: 5)
        let weights = (0..<9).map { k in undo((0..<9).map { $0 == k ? 1 : 0 }, after: zeros) }
        for step in 0..<9 {
            var variance = 0.0
            for i in 0..<9 { for j in 0..<9 { variance += weights[i][step] * weights[j][step] * covariance[i][j] } }
            let error = (variance * fit.variance).squareRoot()
            #expect((forecast.mean[step] - expected[step]).magnitude < 1e-9 * error)
            #expect((forecast.standardError[step] / error - 1).magnitude < 1e-9)
        }
    }

    @Test func `scale moves the likelihood by its logarithm and shift not at all`() throws {
        let series = Self.numbers(60)
        let order = order(1, 1)
        let plain = try ARIMA.fit(series, order: order)
        for (factor, shift) in [(1e-6, 0.0), (1e9, 0.0), (1, 1e6), (1024, -5e3)] {
            let moved = try ARIMA.fit(series.map { $0 * factor + shift }, order: order)
            let expected = plain.logLikelihood - Double(plain.effectiveCount) * log(factor)
            #expect((moved.logLikelihood - expected).magnitude < 1e-4, "factor \(factor), shift \(shift)")
            #expect((moved.variance / plain.variance / factor / factor - 1).magnitude < 1e-3)
        }
    }

    @Test func `what cannot be fitted is refused with its reason`() {
        let plain = ARIMAOrder(1, 0, 0)
        #expect(throws: ARIMAError.tooFewValues(known: 2, needed: 3)) { try ARIMA.fit([1, 2], order: plain) }
        #expect(throws: ARIMAError.infiniteValue(index: 1)) { try ARIMA.fit([1, .infinity, 2, 3, 4], order: plain) }
        #expect(throws: ARIMAError.noVariation) {
            try ARIMA.fit([Double](repeating: 0, count: 50), order: plain)
        }
        #expect(throws: ARIMAError.orderNotSupported) { try ARIMA.fit([1, 2, 3], order: ARIMAOrder(-1, 0, 0)) }
        #expect(throws: ARIMAError.regressorNotUsable(column: 0)) {
            try ARIMA.fit([1, 2, 3, 2, 5], order: plain, regressors: [[1, 2]])
        }
        #expect(throws: ARIMAError.coefficientsOutOfRange) {
            try ARIMA.evaluate(Self.numbers(20), order: plain, at: ARIMACoefficients(autoregressive: [1.2]))
        }
    }
}

/// What happens when there are too many gaps for the exact treatment.
struct ManyGapsTests {
    @Test func `many gaps are filled, said so, and the fit is close to that of the full series`() throws {
        let series = simulatedLoad(days: 28)
        var gappy = series
        for index in stride(from: 5, to: series.count, by: 9) { gappy[index] = .nan }
        let order = ARIMAOrder(1, 0, 0, seasonal: [SeasonalOrder(0, 1, 1, period: 24)])
        let full = try ARIMA.fit(series, order: order)
        let fit = try ARIMA.fit(gappy, order: order)
        #expect(full.isExact && !fit.isExact)
        #expect((fit.coefficients.autoregressive[0] - full.coefficients.autoregressive[0]).magnitude < 0.15)
        #expect((fit.variance / full.variance - 1).magnitude < 0.3)
        let missing = gappy.count(where: { $0.isNaN })
        #expect(fit.effectiveCount == series.count - 24 - missing)
    }

    @Test func `a few gaps are integrated out and estimated`() throws {
        let series = simulatedLoad(days: 28)
        var gappy = series
        let places = stride(from: 50, to: series.count, by: 60)
        for index in places { gappy[index] = .nan }
        let order = ARIMAOrder(1, 0, 0, seasonal: [SeasonalOrder(0, 1, 1, period: 24)])
        let fit = try ARIMA.fit(gappy, order: order)
        #expect(fit.isExact)
        let errors = zip(places, fit.missingValues).map { (series[$0] - $1).magnitude }
        #expect(errors.count == Array(places).count)
        #expect(errors.reduce(0, +) / Double(errors.count) < 3 * fit.variance.squareRoot())
    }
}
