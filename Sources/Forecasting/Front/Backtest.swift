/// Forecasts of the most recent days from what was known before each of them.
struct Backtest {
    /// A method's errors, with the runner that keeps its coefficients.
    struct Result {
        var score: MethodScore
        var runner: MethodRunner
        /// Factor that makes the standard errors fit the errors made.
        var spreadCorrection: Double
    }

    let task: ForecastTask
    /// Lengths of the history at which a forecast is made, oldest first.
    let origins: [Int]
    private let scale: Double

    /// Holds out the latest days, at most a third of the history. Origins lie whole days apart and have the phase of
    /// the real forecast.
    init(_ task: ForecastTask, heldOutDays: Int) {
        self.task = task
        let days = task.history.count / task.stepsPerDay
        let count = min(max(heldOutDays, 1), max(days / 3, 1))
        let horizon = min(task.steps, task.stepsPerDay)
        let newest = task.history.count - horizon
        origins = (0..<count).map { newest - $0 * task.stepsPerDay }.filter { $0 >= task.stepsPerDay }.reversed()
        let training = Array(task.history.prefix(origins.first ?? task.history.count))
        let naive = ErrorMeasures.naiveScale(training, period: task.stepsPerDay) ?? 0
        let spread = PatternMethods.overallMean(task).standardError.first ?? 1
        scale = naive > 0 ? naive : max(spread, .leastNormalMagnitude)
    }

    /// Runs a method; nil if it fails at one of the origins.
    func run(_ method: ForecastMethod) -> Result? {
        var runner = MethodRunner(method)
        var (means, errors, actual): ([Double], [Double], [Double]) = ([], [], [])
        for origin in origins {
            let horizon = min(task.steps, task.stepsPerDay, task.history.count - origin)
            guard let forecast = runner.forecast(task.cut(toLength: origin, steps: horizon)) else { return nil }
            means += forecast.mean
            errors += forecast.standardError
            actual += task.history[origin..<(origin + horizon)]
        }
        guard let mase = ErrorMeasures.mase(forecast: means, actual: actual, scale: scale) else { return nil }
        let interval = Forecast(mean: means, standardError: errors).interval(level: 0.95)
        let score = MethodScore(
            method: method, mase: mase, cvrmse: ErrorMeasures.cvrmse(forecast: means, actual: actual),
            nmbe: ErrorMeasures.nmbe(forecast: means, actual: actual),
            coverage95: ErrorMeasures.coverage(interval, actual: actual))
        return Result(score: score, runner: runner, spreadCorrection: correction(means, errors, actual))
    }

    /// The 95 % quantile of the standardised absolute errors over that of the normal distribution, within 0.5...4.
    private func correction(_ means: [Double], _ errors: [Double], _ actual: [Double]) -> Double {
        var ratios: [Double] = []
        for index in means.indices where actual[index].isFinite && errors[index] > 0 {
            ratios.append((actual[index] - means[index]).magnitude / errors[index])
        }
        guard ratios.count >= 20 else { return 1 }
        ratios.sort()
        let place = min(Int((Double(ratios.count + 1) * 0.95).rounded(.up)), ratios.count) - 1
        return min(max(ratios[place] / 1.959963984540054, 0.5), 4)
    }
}
