import Forecasting
import Foundation

/// Measures the day-ahead accuracy of the forecaster with its standard settings, and what its intervals cover.
enum Accuracy {
    /// What the forecasts of a set came to.
    struct Result {
        var mase: Double
        var smape: Double
        var coverage80: Double
        var coverage95: Double
        /// Mean width of the 95 % interval over the scale of the set.
        var width95: Double
        var seconds: Double
    }

    static func run(_ set: AccuracySet, _ forecaster: SeasonalForecaster, workers: Int) async throws -> Result {
        let start = processorTime()
        let answers = try await ForecastBatch(forecaster: forecaster, workers: workers)
            .forecast(set.origins.map(\.task))
        let seconds = (processorTime() - start) / 1000
        var (errors, percentages, widths): ([Double], [Double], [Double]) = ([], [], [])
        var (inside80, inside95, count) = (0, 0, 0)
        for (origin, answer) in zip(set.origins, answers) {
            let mean = answer.forecast.mean
            errors.append(
                ErrorMeasures.mase(forecast: mean, actual: origin.actual, scale: origin.scale) ?? .nan)
            percentages.append(ErrorMeasures.smape(forecast: mean, actual: origin.actual) ?? .nan)
            let (narrow, wide) = (answer.interval(level: 0.8), answer.interval(level: 0.95))
            for (index, value) in origin.actual.enumerated() where !value.isNaN {
                count += 1
                if value >= narrow.lower[index], value <= narrow.upper[index] { inside80 += 1 }
                if value >= wide.lower[index], value <= wide.upper[index] { inside95 += 1 }
                widths.append((wide.upper[index] - wide.lower[index]) / origin.scale)
            }
            if ProcessInfo.processInfo.environment["CURTAIL_VERBOSE"] != nil {
                print("  \(fixed(errors[errors.count - 1], 3)) \(answer.method) \(answer.notes)")
            }
        }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }
        return Result(
            mase: mean(errors), smape: mean(percentages), coverage80: Double(inside80) / Double(max(count, 1)),
            coverage95: Double(inside95) / Double(max(count, 1)), width95: mean(widths),
            seconds: seconds / Double(max(set.origins.count, 1)))
    }

    /// Prints a table of all sets, or of those named; false if one misses its goal.
    static func table(_ folder: URL, _ names: [String], _ forecaster: SeasonalForecaster) async throws -> Bool {
        let workers = ProcessInfo.processInfo.activeProcessorCount
        print("| set | forecasts | MASE | goal | sMAPE % | 80 % covers | 95 % covers | CPU s each |")
        print("|---|---:|---:|---:|---:|---:|---:|---:|")
        var isGood = true
        for name in names {
            let set = try AccuracySet.read(name, folder)
            let result = try await run(set, forecaster, workers: workers)
            let goal = set.goal.map { fixed($0, 2) } ?? ""
            print(
                "| \(name) | \(set.origins.count) | \(fixed(result.mase, 3)) | \(goal) | \(fixed(result.smape, 2)) |",
                "\(fixed(100 * result.coverage80, 1)) | \(fixed(100 * result.coverage95, 1)) |",
                "\(fixed(result.seconds, 2)) |")
            fflush(nil)
            let covers = (0.92...0.98).contains(result.coverage95)
            if let goal = set.goal, result.mase > goal || !covers { isGood = false }
        }
        return isGood
    }
}
