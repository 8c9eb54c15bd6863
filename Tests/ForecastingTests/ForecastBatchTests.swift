import Forecasting
import Synchronization
import Testing

struct ForecastBatchTests {
    static let tasks = (0..<4).map { index in
        ForecastTask(history: simulatedLoad(days: 24, seed: UInt64(index + 1)), stepsPerDay: 24, steps: 24)
    }
    static let forecaster = SeasonalForecaster(candidates: [.seasonARIMA, .likeDayARIMA, .likeDayMean(days: 4)])

    @Test func `answers keep their order and do not depend on the number of workers`() async throws {
        let alone = Self.tasks.map { Self.forecaster.forecast($0).forecast }
        for workers in [0, 2, 8] {
            let batch = ForecastBatch(forecaster: Self.forecaster, workers: workers)
            let answers = try await batch.forecast(Self.tasks)
            #expect(answers.map(\.forecast) == alone)
        }
    }

    @Test func `progress counts to the end`() async throws {
        let seen = Mutex<[Int]>([])
        _ = try await ForecastBatch(forecaster: Self.forecaster, workers: 2).forecast(Self.tasks) { done in
            seen.withLock { $0.append(done) }
        }
        #expect(seen.withLock { $0 } == [1, 2, 3, 4])
    }

    @Test func `a cancelled batch stops`() async {
        let work = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await ForecastBatch(forecaster: Self.forecaster, workers: 1).forecast(Self.tasks)
        }
        await #expect(throws: CancellationError.self) { try await work.value }
    }
}
