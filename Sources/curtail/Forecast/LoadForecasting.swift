import ArgumentParser
import DemandResponse
import Forecasting
import Foundation
import Measures
import Persistence

/// A forecast of a load with everything that commands and the database want to know of it.
struct LoadForecastResult: Sendable {
    let grid: LoadGrid
    let answer: ForecastAnswer
    /// In order of time.
    let intervals: [LoadForecast.Interval]

    init(_ grid: LoadGrid, _ answer: ForecastAnswer) {
        self.grid = grid
        self.answer = answer
        let (narrow, wide) = (answer.interval(level: 0.8), answer.interval(level: 0.95))
        var intervals: [LoadForecast.Interval] = []
        for step in 0..<grid.steps {
            let mean = answer.forecast.mean[step]
            // Rounding must not put a bound beyond the mean.
            intervals += grid.windows(step).map { window in
                LoadForecast.Interval(
                    window: window, mean: WattHours(mean),
                    standardError: WattHours(answer.forecast.standardError[step]),
                    lower80: WattHours(min(narrow.lower[step], mean)),
                    upper80: WattHours(max(narrow.upper[step], mean)),
                    lower95: WattHours(min(wide.lower[step], narrow.lower[step], mean)),
                    upper95: WattHours(max(wide.upper[step], narrow.upper[step], mean)))
            }
        }
        self.intervals = intervals.sorted { $0.window.start < $1.window.start }
    }

    /// The forecast as the database keeps it.
    func stored(for meter: MeterID) -> LoadForecast {
        LoadForecast(
            meter: meter, model: String("\(answer.method)".prefix(190)), madeAt: grid.origin, intervals: intervals)
    }

    /// The model as the database keeps it; nil for a fallback, which has none.
    func model(for meter: MeterID, origin: StoredForecastModel.Origin, now: Instant) throws -> StoredForecastModel? {
        guard let trained = answer.trained, let start = grid.start(0) else { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return StoredForecastModel(
            meter: meter, origin: origin, name: String("\(answer.method)".prefix(190)),
            parameters: String(decoding: try encoder.encode(trained), as: UTF8.self),
            window: TimeWindow(start: start, duration: grid.origin - start),
            readings: grid.values.count { !$0.isNaN }, mase: answer.score?.mase,
            codeVersion: Curtail.configuration.version, trainedAt: now)
    }
}

extension StoredForecastModel {
    /// What the forecaster learnt; nil for the parameters of another version of the program.
    var trained: ForecastModel? {
        try? JSONDecoder().decode(ForecastModel.self, from: Data(parameters.utf8))
    }
}

extension ForecastNote {
    /// One sentence for people.
    var sentence: String {
        switch self {
        case .allMissing: "No reading is known: the forecast is zero."
        case .cleanedValues(let count): "\(count) outlying readings were left out."
        case .constant: "All readings are equal: the forecast goes on with them."
        case .ignoredValues(let count): "\(count) impossible readings were left out."
        case .mostlyMissing(let share): "\((100 * share).fixed(0)) % of the readings are missing."
        case .noUsableModel: "No model could forecast the held-out days: past days are copied."
        case .tooShort(let days): "\(days) days of readings are too few for a model: past days are copied."
        }
    }
}
