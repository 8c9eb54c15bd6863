/// The front that always answers: tries several methods on the most recent days, takes the best or the best mean of
/// some, and says what it did.
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
    /// How much computing is allowed.
    public var effort: ForecastEffort
    /// Most methods whose mean is taken; 1 takes the best alone.
    public var combinedMethods: Int

    /// The methods that suit load: day and week, like days, levels of the week, and plain copies.
    public static let loadCandidates: [ForecastMethod] = {
        let week = ModelRecipe(.calendar, (2, 0, 1), day: (1, 0, 1), week: (0, 1, 1))
        let wandering = ModelRecipe(.calendar, (2, 1, 2), day: (1, 0, 1), week: (0, 1, 1))
        let likeDays = ModelRecipe(.likeDays, (2, 0, 1), day: (1, 1, 1))
        let likeDaysLong = ModelRecipe(.likeDays, (3, 0, 3), day: (0, 1, 1))
        let models = [
            week, wandering, week.logarithmic, wandering.logarithmic, week.driven, week.logarithmic.driven,
            ModelRecipe(.calendar, (2, 0, 1), day: (0, 1, 1), week: (0, 1, 1)),
            ModelRecipe(.calendar, (2, 1, 2), day: (0, 1, 1), week: (0, 1, 1)),
            likeDays, likeDaysLong, likeDaysLong.logarithmic, likeDays.driven, likeDaysLong.driven,
            ModelRecipe(.likeDays, (2, 1, 2), day: (1, 1, 1)), ModelRecipe(.calendar, (2, 0, 1), day: (1, 1, 1)),
            ModelRecipe(.calendar, (2, 1, 2), day: (1, 1, 1)),
        ]
        return models.map { .arima($0) } + [
            .patternRegression, .likeDayMean(days: 10), .likeDayMean(days: 4), .seasonalNaive(days: 7),
        ]
    }()

    /// Chooses methods and limits.
    public init(
        candidates: [ForecastMethod] = Self.loadCandidates, heldOutDays: Int = 14, historyDays: Int = 90,
        effort: ForecastEffort = .thorough, combinedMethods: Int = 12
    ) {
        self.candidates = candidates
        self.heldOutDays = heldOutDays
        self.historyDays = historyDays
        self.effort = effort
        self.combinedMethods = combinedMethods
    }

    /// Forecasts a task.
    public func forecast(_ original: ForecastTask) -> ForecastAnswer {
        prepare(original) { choose($0, $1) }
    }

    /// Forecasts a task by one method alone, after the same cleaning; nil if the method cannot.
    public func forecast(_ original: ForecastTask, by method: ForecastMethod) -> Forecast? {
        var task = original.normalised(days: historyDays)
        task.history = SpikeRemoval.clean(task.history, stepsPerDay: task.stepsPerDay).values
        var runner = MethodRunner(method, effort: effort)
        return runner.forecast(task)
    }

    /// Forecasts a task with what was learnt before: coefficients are estimated again from where they were, methods,
    /// weights and widths stay. A fraction of the time of ``forecast(_:)``; for new values of the same series. A member
    /// that cannot forecast any more is left out; if none can, everything is chosen anew.
    public func refit(_ model: ForecastModel, _ original: ForecastTask) -> ForecastAnswer {
        prepare(original) { task, notes in continued(model, task, notes) ?? choose(task, notes) }
    }

    /// Cleans a task and answers at once where no model can help.
    private func prepare(
        _ original: ForecastTask, _ work: (_ task: ForecastTask, _ notes: [ForecastNote]) -> ForecastAnswer
    ) -> ForecastAnswer {
        var task = original.normalised(days: historyDays)
        var notes: [ForecastNote] = []
        let ignored = original.history.count(where: { $0.magnitude >= 1e150 })
        if ignored > 0 { notes.append(.ignoredValues(count: ignored)) }
        let cleaned = SpikeRemoval.clean(task.history, stepsPerDay: task.stepsPerDay)
        if cleaned.removed > 0 {
            notes.append(.cleanedValues(count: cleaned.removed))
            task.history = cleaned.values
        }
        let known = task.history.filter { !$0.isNaN }
        guard let first = known.first else { return fallback(task, notes + [.allMissing]) }
        if known.allSatisfy({ $0 == first }) { return fallback(task, notes + [.constant]) }
        let missing = 1 - Double(known.count) / Double(task.history.count)
        if missing > 0.5 { notes.append(.mostlyMissing(share: missing)) }
        let days = task.history.count / task.stepsPerDay
        guard days >= 4, task.steps > 0 else { return simplest(task, notes + [.tooShort(days: days)]) }
        return work(task, notes)
    }

    private func continued(
        _ model: ForecastModel, _ task: ForecastTask, _ notes: [ForecastNote]
    ) -> ForecastAnswer? {
        var parts: [(runner: MethodRunner, weight: Double, forecast: Forecast)] = []
        for member in model.members where member.weight > 0 {
            var runner = MethodRunner(member.method, effort: effort, coefficients: member.coefficients)
            guard let forecast = runner.forecast(task, refits: true) else { continue }
            parts.append((runner, member.weight, forecast))
        }
        let total = parts.reduce(0) { $0 + $1.weight }
        guard total > 0, total.isFinite else { return nil }
        let weights = parts.map { $0.weight / total }
        let correction = model.calibration.spread
        let errors = ForecastMixing.mix(parts.map(\.forecast.standardError), weights)
        return ForecastAnswer(
            forecast: Forecast(
                mean: ForecastMixing.mix(parts.map(\.forecast.mean), weights),
                standardError: errors.map { $0 * correction }),
            method: parts.count == 1 ? parts[0].runner.method : .combination(parts.map(\.runner.method)),
            model: parts.count == 1 ? parts[0].runner.model : nil, notes: notes,
            trained: ForecastModel(
                members: zip(parts, weights).map {
                    .init(method: $0.runner.method, weight: $1, coefficients: $0.runner.coefficients)
                }, calibration: model.calibration, errorCorrelation: model.errorCorrelation, band: model.band),
            scores: [], weights: weights, heldOutDays: 0, spreadCorrection: correction,
            calibration: model.calibration, errorCorrelation: min(max(model.errorCorrelation, 0), 0.99))
    }

    /// Backtests the candidates and lets the best combination forecast.
    private func choose(_ task: ForecastTask, _ notes: [ForecastNote]) -> ForecastAnswer {
        let methods = [.seasonalNaive(days: 1)] + candidates.filter { $0 != .seasonalNaive(days: 1) }
        let backtest = Backtest(task, heldOutDays: heldOutDays, effort: effort)
        let results = methods.compactMap { backtest.run($0) }.filter { backtest.loss($0) != nil }
        let selection = MethodSelection(backtest: backtest, mostMembers: combinedMethods)
        let ranked = selection.rank(results)
        let scores = ranked.compactMap(backtest.score)
        for result in ranked {
            guard let end = final(result, task) else { continue }
            return answer(end, result, backtest, notes, scores)
        }
        return simplest(task, notes + [.noUsableModel])
    }

    /// Fits the members of a result to the whole history and takes the mean of their forecasts.
    private func final(_ result: Backtest.Result, _ task: ForecastTask) -> Final? {
        var members: [Forecast] = []
        var trained: [ForecastModel.Member] = []
        var model: ARIMAFit?
        for part in result.parts {
            var runner = part.runner
            guard let forecast = runner.forecast(task, refits: true) else { return nil }
            members.append(forecast)
            trained.append(.init(method: runner.method, weight: part.weight, coefficients: runner.coefficients))
            model = runner.model
        }
        let weights = result.parts.map(\.weight)
        let mean = ForecastMixing.mix(members.map(\.mean), weights)
        let error = ForecastMixing.mix(members.map(\.standardError), weights)
        return Final(
            forecast: Forecast(mean: mean, standardError: error), model: members.count == 1 ? model : nil,
            members: trained)
    }

    /// The members of a result at the end of the history.
    private struct Final {
        var forecast: Forecast
        var model: ARIMAFit?
        var members: [ForecastModel.Member]
    }

    private func answer(
        _ end: Final, _ result: Backtest.Result, _ backtest: Backtest, _ notes: [ForecastNote],
        _ scores: [MethodScore]
    ) -> ForecastAnswer {
        let forecast = end.forecast
        let errors = backtest.standardisedErrors(result)
        let calibration = IntervalCalibration(errors)
        let correction = calibration.spread
        let scaled = Forecast(mean: forecast.mean, standardError: forecast.standardError.map { $0 * correction })
        let correlation = ResidualDiagnostics.autocorrelations(errors, lags: 1).first ?? 0
        let bounded = min(max(correlation, 0), 0.99)
        let trained = backtest.band(result).map {
            ForecastModel(members: end.members, calibration: calibration, errorCorrelation: bounded, band: $0)
        }
        return ForecastAnswer(
            forecast: scaled, method: result.method, model: end.model, notes: notes, trained: trained, scores: scores,
            weights: result.parts.map(\.weight), heldOutDays: backtest.origins.count, spreadCorrection: correction,
            calibration: calibration, errorCorrelation: bounded)
    }

    /// The week before, the day before, or the mean, whichever can be had.
    private func simplest(_ task: ForecastTask, _ notes: [ForecastNote]) -> ForecastAnswer {
        let known = task.history.count(where: { !$0.isNaN })
        let methods: [ForecastMethod] = [.seasonalNaive(days: 7), .seasonalNaive(days: 1), .overallMean]
        for method in methods where known > 0 {
            var runner = MethodRunner(method, effort: effort)
            if let forecast = runner.forecast(task) { return plain(forecast, method, notes) }
        }
        return fallback(task, notes)
    }

    private func fallback(_ task: ForecastTask, _ notes: [ForecastNote]) -> ForecastAnswer {
        plain(PatternMethods.overallMean(task), .overallMean, notes)
    }

    private func plain(_ forecast: Forecast, _ method: ForecastMethod, _ notes: [ForecastNote]) -> ForecastAnswer {
        ForecastAnswer(
            forecast: forecast, method: method, model: nil, notes: notes, trained: nil, scores: [], weights: [1],
            heldOutDays: 0,
            spreadCorrection: 1, calibration: IntervalCalibration([]), errorCorrelation: 0)
    }
}
