import Testing

@testable import Forecasting

struct IntervalCalibrationTests {
    @Test func `the multiplier is the quantile of past errors`() {
        let errors = (1...99).map { Double($0) / 50 * ($0 % 2 == 0 ? 1 : -1) }
        let calibration = IntervalCalibration(errors)
        // Careful levels: 0.2 outside becomes 0.04 / 0.26, 0.05 becomes 0.0025 / 0.11.
        #expect((calibration.multiplier(level: 0.8) - 2 * (1 - 0.04 / 0.26)).magnitude < 1e-12)
        #expect((calibration.multiplier(level: 0.95) - 2 * (1 - 0.0025 / 0.11)).magnitude < 1e-12)
    }

    @Test func `few errors say nothing and wild ones are limited`() {
        #expect(IntervalCalibration([9, 9, 9]).multiplier(level: 0.95) == NormalDistribution.quantile(0.975))
        let wild = IntervalCalibration([Double](repeating: 1e6, count: 50))
        #expect(wild.multiplier(level: 0.95) == 6 * NormalDistribution.quantile(0.975))
    }

    @Test func `normal errors keep normal intervals, somewhat widened`() {
        var random = SplitMix(state: 2)
        let calibration = IntervalCalibration((0..<5000).map { _ in random.normal() })
        let careful = NormalDistribution.quantile(1 - 0.0025 / 0.11 / 2)
        #expect((calibration.multiplier(level: 0.95) - careful).magnitude < 0.08)
        #expect((calibration.spread - careful / 1.96).magnitude < 0.04)
    }

    @Test func `an answer's interval is its forecast's at 95 %`() {
        let task = ForecastTask(history: simulatedLoad(days: 28), stepsPerDay: 24, steps: 24)
        let answer = SeasonalForecaster(candidates: [.seasonARIMA]).forecast(task)
        let (own, plain) = (answer.interval(level: 0.95), answer.forecast.interval(level: 0.95))
        for step in 0..<24 { #expect((own.upper[step] - plain.upper[step]).magnitude < 1e-9) }
        #expect(answer.interval(level: 0.5).upper[3] < answer.interval(level: 0.8).upper[3])
    }

    @Test func `paths of an answer have its spread`() {
        let task = ForecastTask(history: simulatedLoad(days: 28), stepsPerDay: 24, steps: 24)
        let answer = SeasonalForecaster(candidates: [.seasonARIMA]).forecast(task)
        var random = SplitMix(state: 8)
        let values = answer.paths(3000, using: &random).map { $0[20] }
        let mean = values.reduce(0, +) / 3000
        let spread = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3000).squareRoot()
        #expect((spread / answer.forecast.standardError[20] - 1).magnitude < 0.06)
        #expect((mean - answer.forecast.mean[20]).magnitude < 0.1 * spread)
    }
}
