/// Forecasts of the most recent days from what was known before each of them.
struct Backtest {
    /// A method's forecasts of the held-out days, one after the other.
    struct Result {
        var method: ForecastMethod
        var means: [Double]
        var errors: [Double]
        /// The runner of the method, or those of the members of a mean, which keep their coefficients.
        var parts: [(runner: MethodRunner, weight: Double)]
    }

    let task: ForecastTask
    let effort: ForecastEffort
    /// Lengths of the history at which a forecast is made, oldest first.
    let origins: [Int]
    /// What happened on the held-out days, in the order of the forecasts.
    let actual: [Double]
    private let horizon: Int
    private let scale: Double

    /// Holds out the latest days, at most a third of the history. Origins lie whole days apart and have the phase of
    /// the real forecast; horizons are at most two days.
    init(_ task: ForecastTask, heldOutDays: Int, effort: ForecastEffort) {
        self.task = task
        self.effort = effort
        let days = task.history.count / task.stepsPerDay
        let count = min(max(heldOutDays, 1), max(days / 3, 1))
        let horizon = min(task.steps, 2 * task.stepsPerDay, max(task.history.count / 3, 1))
        let newest = task.history.count - horizon
        let origins = (0..<count).map { newest - $0 * task.stepsPerDay }.filter { $0 >= task.stepsPerDay }
        self.origins = origins.reversed()
        self.horizon = horizon
        actual = self.origins.flatMap { task.history[$0..<($0 + horizon)] }
        let training = Array(task.history.prefix(self.origins.first ?? task.history.count))
        let naive = ErrorMeasures.naiveScale(training, period: task.stepsPerDay) ?? 0
        let spread = PatternMethods.overallMean(task).standardError.first ?? 1
        scale = naive > 0 ? naive : max(spread, .leastNormalMagnitude)
    }

    /// Runs a method; nil if it fails at one of the origins.
    func run(_ method: ForecastMethod) -> Result? {
        var runner = MethodRunner(method, effort: effort)
        var (means, errors): ([Double], [Double]) = ([], [])
        for origin in origins {
            guard let forecast = runner.forecast(task.cut(toLength: origin, steps: horizon)) else { return nil }
            means += forecast.mean
            errors += forecast.standardError
        }
        return Result(method: method, means: means, errors: errors, parts: [(runner, 1)])
    }

    /// Mean absolute error in units of that of the day-before forecast; nil if nothing is known of the held-out days.
    func loss(_ result: Result) -> Double? {
        ErrorMeasures.mase(forecast: result.means, actual: actual, scale: scale)
    }

    /// All scores of a result.
    func score(_ result: Result) -> MethodScore? {
        guard let mase = loss(result) else { return nil }
        let interval = Forecast(mean: result.means, standardError: result.errors).interval(level: 0.95)
        return MethodScore(
            method: result.method, mase: mase, cvrmse: ErrorMeasures.cvrmse(forecast: result.means, actual: actual),
            nmbe: ErrorMeasures.nmbe(forecast: result.means, actual: actual),
            coverage95: ErrorMeasures.coverage(interval, actual: actual))
    }

    /// The errors of the held-out days; nil if too few are known.
    func band(_ result: Result) -> ErrorBand? {
        ErrorBand(
            dailyErrors: ErrorMeasures.dailyErrors(
                forecast: result.means, actual: actual, stepsPerDay: task.stepsPerDay))
    }

    /// Errors over standard errors where both are known.
    func standardisedErrors(_ result: Result) -> [Double] {
        result.means.indices.compactMap { index in
            let ratio = (actual[index] - result.means[index]) / result.errors[index]
            return ratio.isFinite ? ratio : nil
        }
    }
}

extension Backtest.Result {
    /// The weighted mean of several results.
    init(mixing members: [Self], weights: [Double]) {
        let parts = members.flatMap(\.parts)
        method = .combination(members.map(\.method))
        means = ForecastMixing.mix(members.map(\.means), weights)
        errors = ForecastMixing.mix(members.map(\.errors), weights)
        self.parts = zip(parts, weights).map { (runner: $0.runner, weight: $1) }
    }
}

/// Weighted means of equally long lists.
enum ForecastMixing {
    static func mix(_ lists: [[Double]], _ weights: [Double]) -> [Double] {
        guard let first = lists.first else { return [] }
        return first.indices.map { index in
            zip(lists, weights).reduce(0) { $0 + $1.1 * $1.0[index] }
        }
    }
}
