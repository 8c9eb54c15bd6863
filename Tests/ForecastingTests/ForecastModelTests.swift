import Forecasting
import Foundation
import Testing

struct ForecastModelTests {
    private func task(days: Int) -> ForecastTask {
        ForecastTask(
            history: simulatedLoad(days: days), stepsPerDay: 24, dayKinds: (0..<80).map { $0 % 7 >= 5 ? 1 : 0 },
            steps: 24)
    }

    private let forecaster = SeasonalForecaster(
        candidates: [.likeDayARIMA, .doubleSeasonARIMA, .likeDayMean(days: 4)], effort: .quick)

    @Test func `a stored model forecasts new values as well as a new search`() throws {
        let trained = try #require(forecaster.forecast(task(days: 49)).trained)
        let stored = try JSONDecoder().decode(ForecastModel.self, from: JSONEncoder().encode(trained))
        #expect(stored == trained)
        let warm = forecaster.refit(stored, task(days: 54))
        let cold = forecaster.forecast(task(days: 54))
        let actual = Array(simulatedLoad(days: 55).suffix(24))
        let warmError = try #require(ErrorMeasures.mae(forecast: warm.forecast.mean, actual: actual))
        let coldError = try #require(ErrorMeasures.mae(forecast: cold.forecast.mean, actual: actual))
        #expect(warmError < 1.5 * coldError)
        #expect(warm.trained?.members.map(\.method) == trained.members.map(\.method))
        #expect(warm.trained?.band == trained.band)
    }

    @Test func `a refit of the same values changes next to nothing`() throws {
        let cold = forecaster.forecast(task(days: 54))
        let warm = forecaster.refit(try #require(cold.trained), task(days: 54))
        let spread = cold.forecast.standardError.reduce(0, +) / 24
        for (one, other) in zip(warm.forecast.mean, cold.forecast.mean) { #expect(abs(one - other) < 0.05 * spread) }
    }

    @Test func `a model whose members fit no more is chosen anew, and odd series still get an answer`() throws {
        let trained = try #require(forecaster.forecast(task(days: 49)).trained)
        for series in OddSeries.all {
            let answer = forecaster.refit(
                trained, ForecastTask(history: series.values, stepsPerDay: 24, steps: 24))
            #expect(answer.forecast.mean.allSatisfy { $0.isFinite }, "\(series.name)")
        }
    }
}

struct ErrorBandTests {
    @Test func `errors as before stay in the band, larger ones leave it`() throws {
        let band = try #require(ErrorBand(dailyErrors: [1, 1.2, 0.8, 1.1, 0.9, .nan]))
        #expect(band.days == 5 && abs(band.mean - 1) < 1e-12)
        #expect(!band.isLeft(by: [1.2, 0.9, 1.1]))
        #expect(!band.isLeft(by: [.nan]) && !band.isLeft(by: []))
        #expect(band.isLeft(by: [1.6, 1.7, .nan, 1.5]))
        // The mean of three days wanders less than one day.
        #expect(band.limit(days: 1) >= band.limit(days: 3))
    }

    @Test func `two days make no band`() {
        #expect(ErrorBand(dailyErrors: [1, .nan, 2]) == nil)
    }

    @Test func `the error of each day`() {
        let errors = ErrorMeasures.dailyErrors(
            forecast: [1, 2, 3, 4, 5], actual: [2, 2, .nan, .nan, 9], stepsPerDay: 2)
        #expect(errors[0] == 0.5 && errors[1].isNaN && errors[2] == 4)
    }
}
