import Foundation
import Testing

@testable import Forecasting

/// What must hold for any series and order.
struct PropertyTests {
    private static func regular(_ random: inout SplitMix) -> [Double] {
        var level = 0.0
        return (0..<Int.random(in: 50...110, using: &random)).map { index in
            level = 0.7 * level + random.normal()
            return level + 3 * Double(index % 4)
        }
    }

    private static func point(_ order: ARIMAOrder, _ random: inout SplitMix) -> ARIMACoefficients {
        ARIMACoefficients(
            unconstrained: (0..<order.coefficientCount).map { _ in Double.random(in: -1...1, using: &random) },
            order: order)
    }

    @Test func `the likelihood does not feel scale and shift`() throws {
        for seed in FuzzPlan.seeds {
            var random = SplitMix(state: UInt64(seed) &+ 77)
            let series = Self.regular(&random)
            var order = ForecastFuzzTests.order(&random)
            // A shift is absorbed by a mean or by differencing.
            if order.differences == 0, order.seasonal.allSatisfy({ $0.differences == 0 }) { order.constant = .mean }
            let at = Self.point(order, &random)
            let scales: [Double] = [1e-9, 0.01, 7, 1e6]
            let scale = scales[Int.random(in: scales.indices, using: &random)]
            let shift = Double.random(in: -100...100, using: &random)
            guard let plain = try? ARIMA.evaluate(series, order: order, at: at) else { continue }
            let moved = try ARIMA.evaluate(series.map { scale * ($0 + shift) }, order: order, at: at)
            let expected = plain.logLikelihood - Double(plain.effectiveCount) * log(scale)
            #expect(
                (moved.logLikelihood - expected).magnitude < 1e-5 * max(1, expected.magnitude),
                "seed \(seed): \(order) times \(scale)")
            let forecasts = (try plain.forecast(steps: 5), try moved.forecast(steps: 5))
            for (one, other) in zip(forecasts.0.mean, forecasts.1.mean) {
                let spread = forecasts.1.standardError[4]
                let difference: Double = scale * (one + shift) - other
                #expect(difference.magnitude < 1e-3 * spread, "seed \(seed): \(order)")
            }
        }
    }

    @Test func `fitted models are stationary and invertible`() {
        for seed in FuzzPlan.dearSeeds {
            var random = SplitMix(state: UInt64(seed) &+ 999)
            let order = ForecastFuzzTests.order(&random)
            let series = Self.regular(&random)
            let options = ARIMA.Options(callsPerStart: 60, starts: 1)
            guard let fit = try? ARIMA.fit(series, order: order, options: options) else { continue }
            let movingAverage = [fit.coefficients.movingAverage] + fit.coefficients.seasonalMovingAverage
            for block in movingAverage {
                #expect(PartialAutocorrelation.partials(block.map { -$0 }) != nil, "seed \(seed): \(order)")
            }
            let autoregressive = [fit.coefficients.autoregressive] + fit.coefficients.seasonalAutoregressive
            for block in autoregressive {
                #expect(PartialAutocorrelation.partials(block) != nil, "seed \(seed): \(order)")
            }
        }
    }

    @Test(arguments: [4, 12, 24, 48, 96, 168])
    func `a pattern that repeats is continued exactly`(period: Int) throws {
        var random = SplitMix(state: UInt64(period))
        let pattern = (0..<period).map { _ in random.normal() }
        let series = (0..<(4 * period + 3)).map { pattern[$0 % period] }
        let next = (0..<period).map { pattern[(series.count + $0) % period] }
        let order = ARIMAOrder(1, 0, 0, seasonal: [SeasonalOrder(0, 1, 1, period: period)])
        // Nothing is left to estimate: the model may say so, and then the front copies the pattern.
        if let fit = try? ARIMA.fit(series, order: order) {
            let mean = try fit.forecast(steps: period).mean
            #expect(zip(mean, next).allSatisfy { ($0 - $1).magnitude < 1e-9 })
        }
        let whole = Array(series.prefix(4 * period))
        let answer = SeasonalForecaster(candidates: [.seasonARIMA, .likeDayMean(days: 3)], effort: .quick)
            .forecast(ForecastTask(history: whole, stepsPerDay: period, steps: period))
        #expect(zip(answer.forecast.mean, pattern).allSatisfy { ($0 - $1).magnitude < 1e-9 })
    }

    @Test func `a trend with a season is continued exactly`() throws {
        let series = (0..<60).map { 3 * Double($0) + [5.0, -2, 7, 1][$0 % 4] }
        let order = ARIMAOrder(0, 1, 0, seasonal: [SeasonalOrder(0, 1, 0, period: 4)])
        guard let fit = try? ARIMA.fit(series, order: order) else { return }
        let mean = try fit.forecast(steps: 8).mean
        let next = (60..<68).map { 3 * Double($0) + [5.0, -2, 7, 1][$0 % 4] }
        #expect(zip(mean, next).allSatisfy { ($0 - $1).magnitude < 1e-9 })
    }

    @Test(arguments: [Double.leastNonzeroMagnitude, .leastNormalMagnitude, 1e-160, 1e160, .greatestFiniteMagnitude])
    func `denormal and enormous values are fitted or refused, never more`(scale: Double) throws {
        var random = SplitMix(state: 5)
        let series = (0..<80).map { _ in scale * (random.normal() + 2) }
        for order in [ARIMAOrder(1, 0, 1, constant: .mean), ARIMAOrder(0, 1, 1)] {
            guard let fit = try? ARIMA.fit(series, order: order) else { continue }
            #expect(try fit.forecast(steps: 3).mean.allSatisfy { !$0.isNaN })
        }
        let answer = SeasonalForecaster(effort: .quick)
            .forecast(ForecastTask(history: series, stepsPerDay: 8, steps: 8))
        #expect(answer.forecast.mean.allSatisfy { $0.isFinite })
    }
}
