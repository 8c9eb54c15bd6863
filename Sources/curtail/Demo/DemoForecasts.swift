import Forecasting
import Measures

/// What is expected of one meter on the event day.
struct MeterForecast: Sendable {
    /// Energy of each step of the event day, in local order.
    let steps: [StepForecast]
    let model: String
    /// Errors on days that took no part in fit or choice; nil when there was too little history to hold out any.
    let errors: (sarima: Double, seasonalNaive: Double, heldOutDays: Int)?

    struct StepForecast: Sendable {
        let start: Instant
        let mean: WattHours
        let standardError: WattHours
        /// Bounds as wide as the errors on held-out days say.
        let interval80: EnergyInterval
        let interval95: EnergyInterval
    }

    struct EnergyInterval: Sendable {
        let lower: WattHours
        let upper: WattHours
    }

    /// Mean power and its standard error during `window`. The errors of neighbouring steps are taken as one error: wider
    /// than the truth, never narrower.
    func power(during window: TimeWindow, step: TimeSpan) -> (mean: Watts, standardError: Watts) {
        let mean = sum(\.mean, during: window, step: step)
        let spread = sum(\.standardError, during: window, step: step)
        return (mean.meanPower(over: window.duration), spread.meanPower(over: window.duration))
    }

    /// A quantity of the steps, summed over `window` by the share of each step that lies in it.
    func sum(
        _ quantity: (StepForecast) -> WattHours, during window: TimeWindow, step: TimeSpan
    ) -> WattHours {
        steps.reduce(WattHours.zero) { total, forecast in
            let end = min(forecast.start + step, window.end)
            let share = Double((end - max(forecast.start, window.start)).seconds) / Double(step.seconds)
            return share > 0 ? total + quantity(forecast) * share : total
        }
    }
}

enum DemoForecasts {
    /// How many of the latest days measure the error: the model is chosen and fitted without them.
    private static let heldOutDays = 3

    private static let forecaster = SeasonalForecaster(
        candidates: [.likeDayARIMA, .seasonARIMA, .doubleSeasonARIMA], heldOutDays: 7, effort: .quick,
        combinedMethods: 1)

    /// The forecasts of all sites, in their order, on all cores.
    ///
    /// - Parameter progress: is told how many are done.
    static func all(
        _ sites: [DemoSite], _ scenario: DemoScenario, progress: @Sendable (Int) -> Void
    ) async throws -> [MeterForecast] {
        try await withThrowingTaskGroup(of: (Int, MeterForecast).self) { group in
            for (index, site) in sites.enumerated() {
                group.addTask {
                    try Task.checkCancellation()
                    return (index, forecast(site, scenario))
                }
            }
            var found: [Int: MeterForecast] = [:]
            for try await (index, forecast) in group {
                found[index] = forecast
                progress(found.count)
            }
            return sites.indices.compactMap { found[$0] }
        }
    }

    /// Fits a seasonal ARIMA model to the days before the event day and forecasts the event day.
    private static func forecast(_ site: DemoSite, _ scenario: DemoScenario) -> MeterForecast {
        let grid = DayGrid(site: site, eventDay: scenario.eventDay)
        let answer = forecaster.forecast(
            ForecastTask(
                history: grid.values, stepsPerDay: grid.stepsPerDay, dayKinds: grid.dayKinds, steps: grid.stepsPerDay))
        let bounds = (answer.interval(level: 0.8), answer.interval(level: 0.95))
        func energies(_ interval: ForecastInterval, _ index: Int) -> MeterForecast.EnergyInterval {
            .init(lower: WattHours(interval.lower[index]), upper: WattHours(interval.upper[index]))
        }
        let steps = (0..<grid.stepsPerDay).compactMap { index in
            grid.start(of: index, on: scenario.eventDay).map { start in
                MeterForecast.StepForecast(
                    start: start, mean: WattHours(answer.forecast.mean[index]),
                    standardError: WattHours(answer.forecast.standardError[index]),
                    interval80: energies(bounds.0, index), interval95: energies(bounds.1, index))
            }
        }
        return MeterForecast(
            steps: steps, model: name(of: answer), errors: errors(on: grid))
    }

    /// The order that was fitted, and on which days; the method's name where it is no ARIMA.
    private static func name(of answer: ForecastAnswer) -> String {
        guard let model = answer.model else { return "\(answer.method)" }
        return answer.method == .likeDayARIMA ? "ARIMA\(model.order) on like days" : "ARIMA\(model.order)"
    }

    /// Forecasts the latest days of the history from the days before them, and compares: with what was, and with the
    /// better one of the two seasonal naive forecasts, the same day of the week before and the day before.
    private static func errors(
        on grid: DayGrid
    ) -> (sarima: Double, seasonalNaive: Double, heldOutDays: Int)? {
        let day = grid.stepsPerDay
        guard grid.days >= heldOutDays + 14 else { return nil }
        let count = heldOutDays * day
        let training = Array(grid.values.dropLast(count))
        let actual = Array(grid.values.suffix(count))
        guard let scale = ErrorMeasures.naiveScale(training, period: day) else { return nil }
        let answer = forecaster.forecast(
            ForecastTask(history: training, stepsPerDay: day, dayKinds: Array(grid.dayKinds.dropLast()), steps: count))
        func error(_ forecast: [Double]) -> Double? {
            ErrorMeasures.mase(forecast: forecast, actual: actual, scale: scale)
        }
        let weekBefore = (0..<count).map { training[training.count - 7 * day + $0] }
        let dayBefore = (0..<count).map { training[training.count - day + $0 % day] }
        let naive = [weekBefore, dayBefore].compactMap(error).min()
        guard let naive, let sarima = error(answer.forecast.mean) else { return nil }
        return (sarima, naive, heldOutDays)
    }
}

/// A meter's history as whole local days of equal length: a skipped hour is missing, a repeated hour counts once.
private struct DayGrid {
    let stepsPerDay: Int
    let days: Int
    /// Watt-hours, missing as NaN.
    let values: [Double]
    /// 0 for working days, 1 for the others; one more than there are days, for the event day.
    let dayKinds: [Int]
    private let site: DemoSite

    init(site: DemoSite, eventDay: CivilDay) {
        self.site = site
        stepsPerDay = Int(TimeSpan.days(1).seconds / site.step.seconds)
        let first = site.history.first.map { site.zone.local($0.start).day } ?? eventDay
        days = max(0, eventDay - first)
        let energies = Dictionary(site.history.map { ($0.start, $0.energy) }, uniquingKeysWith: { one, _ in one })
        var values: [Double] = []
        values.reserveCapacity(days * stepsPerDay)
        for offset in 0..<days {
            for index in 0..<stepsPerDay {
                let start = site.zone.instant(first + offset, at: site.step * Int64(index))
                values.append(start.flatMap { energies[$0] ?? nil }?.value ?? .nan)
            }
        }
        self.values = values
        dayKinds = (0...days).map { offset in
            let day = first + offset
            return day.isWeekend || site.holidays.contains(day) ? 1 : 0
        }
    }

    func start(of index: Int, on day: CivilDay) -> Instant? {
        site.zone.instant(day, at: site.step * Int64(index))
    }
}
