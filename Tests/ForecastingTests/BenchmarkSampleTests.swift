import Forecasting
import Foundation
import Testing

/// A sample of the M4 hourly competition, two days ahead, judged as there.
@Suite(.enabled(if: SharedData.isPresent))
struct BenchmarkSampleTests {
    static func rows(_ path: String) throws -> [[Double]] {
        try SharedData.text(path).split(whereSeparator: \.isNewline).dropFirst().map { line in
            line.split(separator: ",").dropFirst().compactMap { Double($0.replacingOccurrences(of: "\"", with: "")) }
        }
    }

    @Test func `two days of hourly series are forecast within the goals of accuracy and coverage`() throws {
        let training = try Self.rows("forecast/m4_hourly_train.csv")
        let actual = try Self.rows("forecast/m4_hourly_test.csv")
        #expect(training.count == 414 && actual.count == 414)
        var (errors, inside): ([Double], [Double]) = ([], [])
        for index in stride(from: 0, to: training.count, by: 23) {
            let answer = SeasonalForecaster(effort: .quick).forecast(
                ForecastTask(history: training[index], stepsPerDay: 24, steps: 48))
            let scale = try #require(ErrorMeasures.naiveScale(training[index], period: 24))
            let mean = answer.forecast.mean
            errors.append(try #require(ErrorMeasures.mase(forecast: mean, actual: actual[index], scale: scale)))
            inside.append(try #require(ErrorMeasures.coverage(answer.interval(level: 0.95), actual: actual[index])))
        }
        let mase = errors.reduce(0, +) / Double(errors.count)
        let coverage = inside.reduce(0, +) / Double(inside.count)
        #expect(mase <= 0.85)
        #expect((0.92...0.98).contains(coverage))
    }
}
