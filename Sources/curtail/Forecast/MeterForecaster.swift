import DemandResponse
import Dispatch
import Forecasting
import MariaDB
import Measures
import Persistence

/// Forecasts meters of the database and keeps what was learnt.
struct MeterForecaster: Sendable {
    let pool: MariaDBPool
    let forecaster: SeasonalForecaster

    /// Versions of a model that are kept.
    static let keptVersions = 30

    /// A forecast and the version of the model behind it; nil for a fallback.
    struct Made: Sendable {
        let result: LoadForecastResult
        let version: Int64?
    }

    /// Forecasts a meter and stores model and forecast.
    ///
    /// - Parameter isFresh: chooses methods by a backtest; otherwise the stored model is refitted, if there is one.
    func run(_ meter: Meter, _ history: LoadHistory, days: Int, isFresh: Bool, now: Instant) async throws -> Made {
        let models = ForecastModelStore(pool)
        let grid = try LoadGrid(history, days: days)
        let known = isFresh ? nil : try await models.latest(of: meter.id)?.model.trained
        let answer = await compute {
            known.map { forecaster.refit($0, grid.task()) } ?? forecaster.forecast(grid.task())
        }
        let result = LoadForecastResult(grid, answer)
        // A refit that chose anew has scores.
        let origin: StoredForecastModel.Origin = answer.scores.isEmpty ? .refitted : .chosen
        var stored: ForecastModelStore.Version?
        if let model = try result.model(for: meter.id, origin: origin, now: now) {
            stored = try await models.save(model)
            try await models.prune(meter.id, keeping: Self.keptVersions)
        }
        try await ForecastStore(pool).save(result.stored(for: meter.id), model: stored?.id)
        return Made(result: result, version: stored?.version)
    }

    /// Whether the latest forecasts of a meter were as good as its model promised.
    struct Check: Sendable {
        /// Days with forecasts and readings.
        let days: Int
        let error: WattHours
        let limit: WattHours
        let hasDrifted: Bool
    }

    /// Days of forecasts that are judged together.
    static let judgedDays = 3

    /// Compares what was expected of the latest days with what came; nil without a model or without both.
    func check(_ meter: Meter, _ history: LoadHistory) async throws -> Check? {
        guard let model = try await ForecastModelStore(pool).latest(of: meter.id)?.model.trained else { return nil }
        let end = history.window.end
        let window = TimeWindow(start: end - .days(Int64(Self.judgedDays)), duration: .days(Int64(Self.judgedDays)))
        let expected = try await ForecastStore(pool).expectations(of: meter.id, in: window)
        // An event is no error of the forecast.
        let pairs = expected.map(\.interval).filter { interval in
            !history.excluded.contains { $0.overlaps(interval.window) }
        }
        let errors = (0..<Self.judgedDays).map { day -> Double in
            let start = window.start + .days(Int64(day))
            let known = pairs.filter { $0.window.start >= start && $0.window.start < start + .days(1) }
            return ErrorMeasures.mae(
                forecast: known.map(\.mean.value), actual: known.map { history.energies[$0.window.start] ?? .nan }
            ) ?? .nan
        }
        let known = errors.filter(\.isFinite)
        guard !known.isEmpty else { return nil }
        return Check(
            days: known.count, error: WattHours(known.reduce(0, +) / Double(known.count)),
            limit: WattHours(model.band.limit(days: known.count)), hasDrifted: model.band.isLeft(by: errors))
    }

    /// Seconds of computing, away from the threads that answer VENs.
    private func compute<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { continuation.resume(returning: work()) }
        }
    }
}
