/// The front that always answers: tries several methods on the most recent days, takes the best, and says what it did.
///
/// A series that no model can take (constant, short, missing, spiky, huge) gets a simpler forecast and a note. Nothing
/// is thrown and nothing depends on time, threads or chance.
public struct SeasonalForecaster: Sendable {
    /// Methods to try; the day-before forecast is always among them.
    public var candidates: [ForecastMethod]
    /// Days held out to choose among the methods.
    public var heldOutDays: Int
    /// Days of history that count, newest first.
    public var historyDays: Int

    /// The methods that suit load: like days, day and week, and plain copies.
    public static let loadCandidates: [ForecastMethod] = [
        .seasonARIMA, .likeDayARIMA, .likeDayMean(days: 10), .likeDayMean(days: 4), .seasonalNaive(days: 7),
    ]

    /// Chooses methods and limits.
    public init(
        candidates: [ForecastMethod] = Self.loadCandidates, heldOutDays: Int = 7, historyDays: Int = 90
    ) {
        self.candidates = candidates
        self.heldOutDays = heldOutDays
        self.historyDays = historyDays
    }

    /// Forecasts a task.
    public func forecast(_ original: ForecastTask) -> ForecastAnswer {
        let task = original.normalised(days: historyDays)
        var notes: [ForecastNote] = []
        let ignored = original.history.count(where: { $0.magnitude >= 1e150 })
        if ignored > 0 { notes.append(.ignoredValues(count: ignored)) }
        let known = task.history.filter { !$0.isNaN }
        guard let first = known.first else { return fallback(task, notes + [.allMissing]) }
        if known.allSatisfy({ $0 == first }) { return fallback(task, notes + [.constant]) }
        let missing = 1 - Double(known.count) / Double(task.history.count)
        if missing > 0.5 { notes.append(.mostlyMissing(share: missing)) }
        let days = task.history.count / task.stepsPerDay
        guard days >= 4, task.steps > 0 else { return simplest(task, notes + [.tooShort(days: days)]) }
        return choose(task, notes)
    }

    /// Backtests the candidates and lets the best one forecast.
    private func choose(_ task: ForecastTask, _ notes: [ForecastNote]) -> ForecastAnswer {
        let methods = [.seasonalNaive(days: 1)] + candidates.filter { $0 != .seasonalNaive(days: 1) }
        let backtest = Backtest(task, heldOutDays: heldOutDays)
        var results = methods.compactMap { backtest.run($0) }
        results.sort { $0.score.mase < $1.score.mase }
        let scores = results.map(\.score)
        for index in results.indices {
            guard var forecast = results[index].runner.forecast(task, refits: true) else { continue }
            let correction = results[index].spreadCorrection
            forecast.standardError = forecast.standardError.map { $0 * correction }
            return ForecastAnswer(
                forecast: forecast, method: results[index].score.method, model: results[index].runner.model,
                notes: notes, scores: scores, heldOutDays: backtest.origins.count, spreadCorrection: correction)
        }
        return simplest(task, notes + [.noUsableModel])
    }

    /// Like days, the day before, or the mean, whichever can be had.
    private func simplest(_ task: ForecastTask, _ notes: [ForecastNote]) -> ForecastAnswer {
        let known = task.history.count(where: { !$0.isNaN })
        let methods: [ForecastMethod] = [.seasonalNaive(days: 7), .seasonalNaive(days: 1), .overallMean]
        for method in methods {
            var runner = MethodRunner(method)
            guard known > 0, let forecast = runner.forecast(task) else { continue }
            return answer(forecast, method, notes)
        }
        return fallback(task, notes)
    }

    private func fallback(_ task: ForecastTask, _ notes: [ForecastNote]) -> ForecastAnswer {
        answer(PatternMethods.overallMean(task), .overallMean, notes)
    }

    private func answer(_ forecast: Forecast, _ method: ForecastMethod, _ notes: [ForecastNote]) -> ForecastAnswer {
        ForecastAnswer(
            forecast: forecast, method: method, model: nil, notes: notes, scores: [], heldOutDays: 0,
            spreadCorrection: 1)
    }
}
