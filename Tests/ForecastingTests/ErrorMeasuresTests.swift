import Forecasting
import Testing

struct ErrorMeasuresTests {
    let forecast = [10.0, 12, .nan, 8, 5]
    let actual = [8.0, 12, 3, .nan, 10]

    @Test func `known pairs alone count`() throws {
        #expect(ErrorMeasures.mae(forecast: forecast, actual: actual) == 7.0 / 3)
        #expect(ErrorMeasures.mase(forecast: forecast, actual: actual, scale: 2) == 7.0 / 6)
        let smape = try #require(ErrorMeasures.smape(forecast: forecast, actual: actual))
        #expect((smape - (400.0 / 18 + 1000.0 / 15) / 3).magnitude < 1e-12)
        let cvrmse = try #require(ErrorMeasures.cvrmse(forecast: forecast, actual: actual))
        #expect((cvrmse - (29.0 / 3).squareRoot() / 10).magnitude < 1e-12)
    }

    @Test func `a forecast that is too high has a positive bias`() {
        #expect(ErrorMeasures.nmbe(forecast: [11, 13], actual: [10, 10]) == 0.2)
        #expect(ErrorMeasures.nmbe(forecast: [9, 9], actual: [10, 10]) == -0.1)
    }

    @Test func `pinball loss punishes the side of the quantile`() {
        #expect(ErrorMeasures.pinball(quantile: [0], actual: [2], level: 0.9) == 1.8)
        #expect(ErrorMeasures.pinball(quantile: [2], actual: [0], level: 0.75) == 0.5)
    }

    @Test func `coverage counts the bounds as inside`() {
        let interval = ForecastInterval(level: 0.8, lower: [0, 0, 0, .nan], upper: [1, 1, 1, 1])
        #expect(ErrorMeasures.coverage(interval, actual: [0, 1, 2, 0]) == 2.0 / 3)
    }

    @Test func `nothing known gives nothing`() {
        #expect(ErrorMeasures.mae(forecast: [.nan], actual: [1]) == nil)
        #expect(ErrorMeasures.cvrmse(forecast: [1, 2], actual: [1, -1]) == nil)
        #expect(ErrorMeasures.naiveScale([1, 2], period: 2) == nil)
        #expect(ErrorMeasures.naiveScale([1, 2, 4, .nan, 5], period: 1) == 1.5)
        #expect(ErrorMeasures.mase(forecast: [1], actual: [2], scale: 0) == nil)
    }
}
