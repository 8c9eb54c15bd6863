import Forecasting
import Measures

/// What is expected of one meter on the event day.
struct MeterForecast: Sendable {
    /// Energy of each step of the event day, in local order.
    let steps: [Instant: StepForecast]
    let model: String
    let historyDays: Int
    /// Errors on the held-out days; nil when there was too little history to hold out any.
    let errors: (sarima: Double, seasonalNaive: Double, heldOutDays: Int)?
    let notes: [String]

    struct StepForecast: Sendable {
        let mean: WattHours
        let standardError: WattHours
    }

    /// Mean power and its standard error during `window`, by the share of each step that lies in it. The errors of
    /// neighbouring steps are taken as one error: wider than the truth, never narrower.
    func power(during window: TimeWindow, step: TimeSpan) -> (mean: Watts, standardError: Watts) {
        var mean = WattHours.zero
        var spread = WattHours.zero
        for (start, forecast) in steps {
            let end = min(start + step, window.end)
            let share = Double((end - max(start, window.start)).seconds) / Double(step.seconds)
            guard share > 0 else { continue }
            mean = mean + forecast.mean * share
            spread = spread + forecast.standardError * share
        }
        return (mean.meanPower(over: window.duration), spread.meanPower(over: window.duration))
    }
}

enum DemoForecasts {
    /// The forecasts of all sites, in their order, on all cores.
    ///
    /// - Parameter progress: is told how many are done.
    static func all(
        _ sites: [DemoSite], _ scenario: DemoScenario, progress: @Sendable (Int) -> Void
    ) async -> [MeterForecast] {
        await withTaskGroup(of: (Int, MeterForecast).self) { group in
            for (index, site) in sites.enumerated() {
                group.addTask { (index, forecast(site, scenario)) }
            }
            var found: [Int: MeterForecast] = [:]
            for await (index, forecast) in group {
                found[index] = forecast
                progress(found.count)
            }
            return sites.indices.compactMap { found[$0] }
        }
    }

    /// Fits a seasonal ARIMA model to the days before the event day and forecasts the event day.
    private static func forecast(_ site: DemoSite, _ scenario: DemoScenario) -> MeterForecast {
        let grid = DayGrid(site: site, eventDay: scenario.eventDay)
        let forecaster = SeasonalForecaster(candidates: [.likeDayARIMA, .seasonARIMA, .doubleSeasonARIMA])
        let answer = forecaster.forecast(
            ForecastTask(
                history: grid.values, stepsPerDay: grid.stepsPerDay, dayKinds: grid.dayKinds, steps: grid.stepsPerDay))
        var steps: [Instant: MeterForecast.StepForecast] = [:]
        for index in 0..<grid.stepsPerDay {
            guard let start = grid.start(of: index, on: scenario.eventDay) else { continue }
            steps[start] = MeterForecast.StepForecast(
                mean: WattHours(answer.forecast.mean[index]),
                standardError: WattHours(answer.forecast.standardError[index]))
        }
        return MeterForecast(
            steps: steps, model: name(of: answer),
            historyDays: grid.days, errors: errors(of: answer), notes: answer.notes.map { "\($0)" })
    }

    /// The order that was fitted, and on which days; the method's name where it is no ARIMA.
    private static func name(of answer: ForecastAnswer) -> String {
        guard let model = answer.model else { return "\(answer.method)" }
        return answer.method == .likeDayARIMA ? "ARIMA\(model.order) on like days" : "ARIMA\(model.order)"
    }

    private static func errors(
        of answer: ForecastAnswer
    ) -> (sarima: Double, seasonalNaive: Double, heldOutDays: Int)? {
        guard let chosen = answer.score, let naive = answer.naiveScore, chosen.mase.isFinite, naive.mase.isFinite else {
            return nil
        }
        return (chosen.mase, naive.mase, answer.heldOutDays)
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
