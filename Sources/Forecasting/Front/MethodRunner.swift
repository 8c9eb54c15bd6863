/// Runs one method at several ends of one history: coefficients are estimated at the first and kept.
struct MethodRunner {
    let method: ForecastMethod
    let effort: ForecastEffort
    /// Estimated coefficients, per kind of day (0 where the method does not tell days apart).
    private(set) var coefficients: [Int: ARIMACoefficients]
    /// The model of the last forecast, if there was exactly one.
    private(set) var model: ARIMAFit?

    init(_ method: ForecastMethod, effort: ForecastEffort, coefficients: [Int: ARIMACoefficients] = [:]) {
        self.method = method
        self.effort = effort
        self.coefficients = coefficients
    }

    /// Forecasts from the end of the task's history; nil if the method cannot. With `refits` the coefficients are
    /// estimated again, starting from those kept.
    mutating func forecast(_ task: ForecastTask, refits: Bool = false) -> Forecast? {
        let result: Forecast?
        switch method {
        case .seasonalNaive(let days): result = PatternMethods.naive(task, days: days)
        case .likeDayMean(let days): result = PatternMethods.likeDayMean(task, days: days)
        case .overallMean: result = PatternMethods.overallMean(task)
        case .patternRegression: result = PatternRegression.forecast(task)
        case .combination: result = nil
        case .arima(let recipe): result = forecast(task, recipe, refits)
        }
        guard let result, isPlausible(result, task) else { return nil }
        return result
    }

    private mutating func forecast(_ task: ForecastTask, _ recipe: ModelRecipe, _ refits: Bool) -> Forecast? {
        var task = task
        if recipe.isLogarithmic {
            guard task.history.allSatisfy({ $0.isNaN || $0 > 1e-300 }) else { return nil }
            task.history = task.history.map { $0.isNaN ? $0 : Elementary.log($0) }
        }
        if recipe.usesDrivers, task.drivers.isEmpty { return nil }
        if recipe.sequence == .calendar { task.history = task.ordinaryHistory }
        let result =
            switch recipe.sequence {
            case .calendar: calendar(task, recipe, refits)
            case .likeDays: likeDays(task, recipe, refits)
            }
        guard recipe.isLogarithmic, let result else { return result }
        // The exponential of the mean is the median, which is what an absolute error asks for.
        let mean = result.mean.map(Elementary.exp)
        return Forecast(mean: mean, standardError: zip(mean, result.standardError).map { $0 * $1 })
    }

    private mutating func calendar(_ task: ForecastTask, _ recipe: ModelRecipe, _ refits: Bool) -> Forecast? {
        let length = task.history.count
        let drivers = recipe.usesDrivers ? task.drivers : []
        let fit = fit(task, task.history, recipe, 0, drivers.map { Array($0.prefix(length)) }, refits)
        model = fit
        return try? fit?.forecast(steps: task.steps, futureRegressors: drivers.map { Array($0.dropFirst(length)) })
    }

    private mutating func fit(
        _ task: ForecastTask, _ series: [Double], _ recipe: ModelRecipe, _ key: Int, _ regressors: [[Double]],
        _ refits: Bool
    ) -> ARIMAFit? {
        let order = recipe.order(stepsPerDay: task.stepsPerDay)
        // A season needs to be seen three times, or there is nothing to learn it from.
        guard series.count >= 3 * (order.seasonal.map(\.period).max() ?? 1) else { return nil }
        let known = coefficients[key]
        if let known, !refits { return try? ARIMA.evaluate(series, order: order, regressors: regressors, at: known) }
        let state = max(order.autoregressiveDegree, order.movingAverageDegree)
        let options = ARIMA.Options(
            callsPerStart: 300, starts: effort == .thorough && refits ? 2 : 1,
            criterion: state > effort.longestExactState ? .conditional : .exactOfFilled,
            warmStart: known)
        let fit = try? ARIMA.fit(series, order: order, regressors: regressors, options: options)
        coefficients[key] = fit?.coefficients
        return fit
    }

    /// One glued series per kind of day that the horizon touches.
    private mutating func likeDays(_ task: ForecastTask, _ recipe: ModelRecipe, _ refits: Bool) -> Forecast? {
        let (period, length) = (task.stepsPerDay, task.history.count)
        let kinds = (0..<task.steps).map { task.kind(ofDay: (length + $0) / period) }
        let drivers = recipe.usesDrivers ? task.drivers : []
        var mean = [Double](repeating: .nan, count: task.steps)
        var error = mean
        var models: [ARIMAFit] = []
        for kind in Set(kinds).sorted() {
            let rows = (0..<length).filter { task.kind(ofDay: $0 / period) == kind }
            let glued = rows.map { task.history[$0] }
            let places = kinds.indices.filter { kinds[$0] == kind }
            let fit = fit(task, glued, recipe, kind, drivers.map { driver in rows.map { driver[$0] } }, refits)
            let future = drivers.map { driver in places.map { driver[length + $0] } }
            guard let fit, let part = try? fit.forecast(steps: places.count, futureRegressors: future)
            else { return nil }
            models.append(fit)
            for (index, place) in places.enumerated() {
                mean[place] = part.mean[index]
                error[place] = part.standardError[index]
            }
        }
        model = models.count == 1 ? models[0] : nil
        return Forecast(mean: mean, standardError: error)
    }

    /// Finite, and no further outside the range of the history than the range is wide.
    private func isPlausible(_ forecast: Forecast, _ task: ForecastTask) -> Bool {
        var (low, high) = (Double.infinity, -Double.infinity)
        for value in task.history where !value.isNaN {
            low = min(low, value)
            high = max(high, value)
        }
        let room = high - low
        return forecast.mean.allSatisfy { $0 >= low - room && $0 <= high + room }
            && forecast.standardError.allSatisfy { $0.isFinite && $0 >= 0 }
    }
}
