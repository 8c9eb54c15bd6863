import Forecasting
import Testing

struct SpikeRemovalTests {
    @Test func `spikes go and everything a load does stays`() {
        var load = simulatedLoad(days: 28)
        #expect(SpikeRemoval.clean(load, stepsPerDay: 24).removed == 0)
        load[100] = 5_000
        load[333] = -3_000
        load[334] = .nan
        // A shut-down of a day is no spike.
        for index in 480..<504 { load[index] = 0 }
        let (values, removed) = SpikeRemoval.clean(load, stepsPerDay: 24)
        #expect(removed == 2)
        #expect(values[100].isNaN && values[333].isNaN && values[490] == 0)
    }

    @Test func `a forecast after a spike is that of the clean series`() {
        let clean = simulatedLoad(days: 28)
        var dirty = clean
        dirty[300] = 40_000
        let forecaster = SeasonalForecaster(candidates: [.likeDayARIMA], combinedMethods: 1)
        let kinds = (0..<29).map { $0 % 7 >= 5 ? 1 : 0 }
        let task = ForecastTask(history: clean, stepsPerDay: 24, dayKinds: kinds, steps: 24)
        var spoilt = task
        spoilt.history = dirty
        let expected = forecaster.forecast(task)
        let answer = forecaster.forecast(spoilt)
        #expect(answer.method == .likeDayARIMA)
        #expect(answer.notes == [.cleanedValues(count: 1)])
        for (one, other) in zip(answer.forecast.mean, expected.forecast.mean) {
            #expect((one - other).magnitude < 3)
        }
    }
}
