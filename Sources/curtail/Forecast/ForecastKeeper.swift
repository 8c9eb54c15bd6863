import Forecasting
import Foundation
import Logging
import MariaDB
import Measures
import Persistence
import ServiceLifecycle
import WebServer

/// Keeps the forecasts of all meters up to date: refits when new readings come, chooses methods anew every week and when
/// the error leaves its band.
///
/// Several programs on one database share the meters out: a meter is claimed before its model is trained.
struct ForecastKeeper: Service {
    let pool: MariaDBPool
    let interval: TimeSpan
    /// How this run of the program signs what it claims.
    let holder: String
    var forecaster = SeasonalForecaster()
    let metrics: MetricsRegistry
    let logger: Logger
    let time: any TimeSource

    /// How long a choice of methods holds.
    static let choiceHolds = TimeSpan.days(7)
    /// Days that are forecast.
    static let horizonDays = 2
    /// How long a claim holds if the program that made it dies: much longer than a training takes.
    static let claimHolds = TimeSpan.minutes(10)

    /// What a round did with one meter.
    enum Outcome: String, Sendable {
        case chosen
        /// Another program trains it now.
        case claimed
        case refitted
        /// No reading since the last forecast.
        case unchanged
        /// A forecast without a model.
        case fallback
        case noReadings = "no_readings"
        case failed
    }

    func run() async throws {
        _ = try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await round()
                try await Task.sleep(for: .seconds(interval.seconds))
            }
        }
    }

    /// Looks at every meter once; a meter that fails does not stop the others.
    func round() async {
        let start = time.now()
        var counts: [Outcome: Int] = [:]
        do {
            for meter in try await MeterStore(pool).meters() {
                guard !Task.isCancelled else { return }
                let outcome = await attempt(meter)
                counts[outcome, default: 0] += 1
                metrics.count(
                    "curtail_forecasts_total", help: "Meters looked at by the forecast job, by outcome.",
                    labels: ["outcome": outcome.rawValue])
            }
            metrics.set(
                "curtail_forecast_drifting_meters", help: "Meters whose forecast error has left its band.",
                to: Double(try await ForecastModelStore(pool).driftingMeters()))
        } catch {
            logger.error("forecasts not made", metadata: ["ev": "forecast", "reason": "\(error)"])
        }
        metrics.set(
            "curtail_forecast_round_seconds", help: "Length of the last round of the forecast job.",
            to: Double((time.now() - start).seconds))
        let worked = (counts[.chosen] ?? 0) + (counts[.refitted] ?? 0) + (counts[.fallback] ?? 0)
        guard worked > 0 || (counts[.failed] ?? 0) > 0 else { return }
        logger.info(
            "forecasts made",
            metadata: [
                "ev": "forecast", "chosen": "\(counts[.chosen] ?? 0)", "refitted": "\(counts[.refitted] ?? 0)",
                "fallback": "\(counts[.fallback] ?? 0)", "failed": "\(counts[.failed] ?? 0)",
            ])
    }

    private func attempt(_ meter: Meter) async -> Outcome {
        do {
            return try await forecast(meter)
        } catch {
            logger.warning(
                "forecast failed",
                metadata: [
                    "ev": "forecast", "meter": "\(meter.description.name)",
                    "reason": "\(CommandFailure(explaining: error)?.message ?? "\(error)")",
                ])
            return .failed
        }
    }

    func forecast(_ meter: Meter) async throws -> Outcome {
        if let outcome = try await idle(meter) { return outcome }
        let claims = ForecastClaimStore(pool)
        let now = time.now()
        guard try await claims.claim(meter.id, for: holder, at: now, until: now + Self.claimHolds) else {
            return .claimed
        }
        let result: Result<Outcome, any Error>
        do { result = .success(try await train(meter)) } catch { result = .failure(error) }
        try await claims.release(meter.id, by: holder)
        return try result.get()
    }

    /// Why nothing is to be done; nil if something is.
    private func idle(_ meter: Meter) async throws -> Outcome? {
        guard let extent = try await ReadingStore(pool).extent(of: meter.id) else { return .noReadings }
        let madeAt = try await ForecastStore(pool).latest(of: meter.id)?.madeAt
        return madeAt.map { $0 >= extent.end } == true ? .unchanged : nil
    }

    private func train(_ meter: Meter) async throws -> Outcome {
        // Another may have done it before the meter was ours.
        if let outcome = try await idle(meter) { return outcome }
        let models = ForecastModelStore(pool)
        let now = time.now()
        let latest = try await models.latest(of: meter.id)
        guard let history = try await LoadHistory.read(meter, on: pool) else { return .noReadings }
        let meters = MeterForecaster(pool: pool, forecaster: forecaster)
        let isNewDrift = try await judge(meter, history, meters, model: latest?.id, now: now)
        let lastChoice = try await models.lastChoice(of: meter.id)
        let isFresh = isNewDrift || lastChoice.map { now - $0 >= Self.choiceHolds } ?? true
        let made = try await meters.run(meter, history, days: Self.horizonDays, isFresh: isFresh, now: now)
        guard made.version != nil else { return .fallback }
        return made.result.answer.scores.isEmpty ? .refitted : .chosen
    }

    /// Opens and ends the drift alarm of a meter; true if one was opened.
    private func judge(
        _ meter: Meter, _ history: LoadHistory, _ forecaster: MeterForecaster, model: Int64?, now: Instant
    ) async throws -> Bool {
        guard let check = try await forecaster.check(meter, history) else { return false }
        let models = ForecastModelStore(pool)
        let detail: Logger.Metadata = [
            "ev": "forecast-drift", "meter": "\(meter.description.name)",
            "error_wh": "\(check.error.value.fixed(1))", "limit_wh": "\(check.limit.value.fixed(1))",
            "days": "\(check.days)",
        ]
        guard check.hasDrifted else {
            if try await models.end(meter.id, at: now) {
                logger.notice("forecast error back in its band", metadata: detail)
            }
            return false
        }
        let drift = ForecastModelStore.Drift(
            meter: meter.id, detectedAt: now, days: check.days, error: check.error, limit: check.limit)
        guard try await models.open(drift, model: model) else { return false }
        metrics.count("curtail_forecast_drifts_total", help: "Forecasts whose error left its band.")
        logger.warning("forecast error left its band", metadata: detail)
        return true
    }
}
