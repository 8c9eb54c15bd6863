import Forecasting
import Testing

struct PathsTests {
    @Test func `paths have the mean, the spread and the joint behaviour of the forecast`() throws {
        var series = ExactLikelihoodTests.numbers(60)
        series[58] = .nan
        let order = ARIMAOrder(2, 1, 1, seasonal: [SeasonalOrder(1, 1, 1, period: 4)])
        let fit = try ARIMA.evaluate(series, order: order, at: ExactLikelihoodTests.coefficients)
        let forecast = try fit.forecast(steps: 8)
        var random = SplitMix(state: 9)
        let count = 4000
        let paths = try fit.paths(count, steps: 8, using: &random)
        for step in 0..<8 {
            let values = paths.map { $0[step] }
            let mean = values.reduce(0, +) / Double(count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
            let error = forecast.standardError[step]
            #expect((mean - forecast.mean[step]).magnitude < 4 * error / Double(count).squareRoot())
            #expect((variance.squareRoot() / error - 1).magnitude < 0.05)
        }
        // Neighbours in time move together: the sum varies more than independent steps would.
        let sums = paths.map { $0.reduce(0, +) }
        let mean = sums.reduce(0, +) / Double(count)
        let joint = sums.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
        #expect(joint > 2 * forecast.standardError.reduce(0) { $0 + $1 * $1 })
    }

    @Test func `the same generator gives the same paths`() throws {
        let fit = try ARIMA.fit(ExactLikelihoodTests.numbers(40), order: ARIMAOrder(1, 0, 0, constant: .mean))
        var (first, second) = (SplitMix(state: 1), SplitMix(state: 1))
        #expect(try fit.paths(3, steps: 5, using: &first) == (try fit.paths(3, steps: 5, using: &second)))
    }
}
