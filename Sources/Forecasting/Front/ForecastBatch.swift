/// Forecasts of many series on several cores.
///
/// Every answer depends on its own task alone, so the number of workers changes nothing but the time.
public struct ForecastBatch: Sendable {
    /// What forecasts each series.
    public var forecaster: SeasonalForecaster
    /// Series under way at a time.
    public var workers: Int

    /// Chooses the forecaster and the width.
    public init(forecaster: SeasonalForecaster = SeasonalForecaster(), workers: Int = 4) {
        self.forecaster = forecaster
        self.workers = workers
    }

    /// Forecasts all tasks; answers come in their order.
    ///
    /// - Parameters:
    ///   - tasks: the series.
    ///   - progress: is told after each answer how many there are.
    /// - Throws: `CancellationError` when the surrounding task is cancelled; what is under way is finished first.
    public func forecast(
        _ tasks: [ForecastTask], progress: @Sendable (_ done: Int) -> Void = { _ in }
    ) async throws(CancellationError) -> [ForecastAnswer] {
        let answers = await withTaskGroup(of: (Int, ForecastAnswer).self) { group in
            var found: [Int: ForecastAnswer] = [:]
            var next = 0
            while next < min(max(workers, 1), tasks.count) {
                add(tasks[next], next, to: &group)
                next += 1
            }
            for await (index, answer) in group {
                found[index] = answer
                progress(found.count)
                guard next < tasks.count, !Task.isCancelled else { continue }
                add(tasks[next], next, to: &group)
                next += 1
            }
            return tasks.indices.compactMap { found[$0] }
        }
        guard answers.count == tasks.count else { throw CancellationError() }
        return answers
    }

    private func add(_ task: ForecastTask, _ index: Int, to group: inout TaskGroup<(Int, ForecastAnswer)>) {
        group.addTask { [forecaster] in (index, forecaster.forecast(task)) }
    }
}
