/// Forecasts that copy or average past days.
enum PatternMethods {
    /// The value whole periods ago, with the spread of such differences.
    static func naive(_ task: ForecastTask, days: Int) -> Forecast? {
        let period = days * task.stepsPerDay
        let history = task.history
        guard period > 0, history.count >= period else { return nil }
        var mean = [Double](repeating: .nan, count: task.steps)
        for step in mean.indices {
            var index = history.count + step - period
            while index >= history.count { index -= period }
            // Missing there: one period further back.
            while index >= 0, history[index].isNaN { index -= period }
            guard index >= 0 else { return nil }
            mean[step] = history[index]
        }
        var (squares, count) = (0.0, 0.0)
        for index in history.indices.dropFirst(period) where !(history[index] - history[index - period]).isNaN {
            let difference = history[index] - history[index - period]
            squares += difference * difference
            count += 1
        }
        let error = count > 0 ? (squares / count).squareRoot() : 0
        return Forecast(
            mean: mean,
            standardError: mean.indices.map { error * Double($0 / period + 1).squareRoot() })
    }

    /// The mean of the latest days of the same kind, step by step, with their spread.
    static func likeDayMean(_ task: ForecastTask, days: Int) -> Forecast? {
        let (period, history) = (task.stepsPerDay, task.history)
        var mean: [Double] = []
        var error: [Double] = []
        for step in 0..<task.steps {
            let index = history.count + step
            let kind = task.kind(ofDay: index / period)
            var values: [Double] = []
            var past = index - period
            while past >= 0, values.count < days {
                if past < history.count, task.kind(ofDay: past / period) == kind, !history[past].isNaN {
                    values.append(history[past])
                }
                past -= period
            }
            guard values.count >= 2 else { return nil }
            let level = values.reduce(0, +) / Double(values.count)
            let squares = values.reduce(0) { $0 + ($1 - level) * ($1 - level) }
            let freedom = Double(values.count - 1)
            mean.append(level)
            error.append((squares / freedom * (1 + 1 / Double(values.count))).squareRoot())
        }
        return Forecast(mean: mean, standardError: error)
    }

    /// The mean and spread of everything known; zero if nothing is.
    static func overallMean(_ task: ForecastTask) -> Forecast {
        let known = task.history.filter { !$0.isNaN }
        let level = known.isEmpty ? 0 : known.reduce(0) { $0 + $1 / Double(known.count) }
        let count = Double(max(known.count - 1, 1))
        let variance = known.reduce(0) { $0 + ($1 - level) * ($1 - level) / count }
        return Forecast(
            mean: [Double](repeating: level, count: task.steps),
            standardError: [Double](repeating: variance.squareRoot(), count: task.steps))
    }
}
