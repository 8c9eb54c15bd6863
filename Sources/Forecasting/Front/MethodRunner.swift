/// Runs one method at several ends of one history: coefficients are estimated at the first and kept.
struct MethodRunner {
    let method: ForecastMethod
    /// Estimated coefficients, per kind of day (0 where the method does not tell days apart).
    private var coefficients: [Int: ARIMACoefficients] = [:]
    /// The model of the last forecast, if there was exactly one.
    private(set) var model: ARIMAFit?

    init(_ method: ForecastMethod) {
        self.method = method
    }

    /// Forecasts from the end of the task's history; nil if the method cannot. With `refits` the coefficients are
    /// estimated again, starting from those kept.
    mutating func forecast(_ task: ForecastTask, refits: Bool = false) -> Forecast? {
        let result: Forecast?
        switch method {
        case .seasonalNaive(let days): result = PatternMethods.naive(task, days: days)
        case .likeDayMean(let days): result = PatternMethods.likeDayMean(task, days: days)
        case .overallMean: result = PatternMethods.overallMean(task)
        case .likeDayARIMA: result = likeDays(task, refits: refits)
        case .seasonARIMA, .doubleSeasonARIMA:
            let fit = fit(task.history, key: 0, task.stepsPerDay, refits)
            model = fit
            result = try? fit?.forecast(steps: task.steps)
        }
        guard let result, isPlausible(result, task) else { return nil }
        return result
    }

    private mutating func fit(_ series: [Double], key: Int, _ stepsPerDay: Int, _ refits: Bool) -> ARIMAFit? {
        guard let order = method.order(stepsPerDay: stepsPerDay) else { return nil }
        let known = coefficients[key]
        if let known, !refits { return try? ARIMA.evaluate(series, order: order, at: known) }
        let isLong = max(order.autoregressiveDegree, order.movingAverageDegree) > 120
        let options = ARIMA.Options(
            callsPerStart: 200, starts: 1, criterion: isLong ? .conditional : .exactOfFilled, warmStart: known)
        let fit = try? ARIMA.fit(series, order: order, options: options)
        coefficients[key] = fit?.coefficients
        return fit
    }

    /// One glued series per kind of day that the horizon touches.
    private mutating func likeDays(_ task: ForecastTask, refits: Bool) -> Forecast? {
        let (period, length) = (task.stepsPerDay, task.history.count)
        let kinds = (0..<task.steps).map { task.kind(ofDay: (length + $0) / period) }
        var mean = [Double](repeating: .nan, count: task.steps)
        var error = mean
        var models: [ARIMAFit] = []
        for kind in Set(kinds).sorted() {
            var glued: [Double] = []
            for start in stride(from: 0, to: length, by: period) where task.kind(ofDay: start / period) == kind {
                glued += task.history[start..<min(start + period, length)]
            }
            let places = kinds.indices.filter { kinds[$0] == kind }
            guard let fit = fit(glued, key: kind, period, refits),
                let part = try? fit.forecast(steps: places.count)
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
