import Testing

@testable import Forecasting

struct PatternRegressionTests {
    @Test func `levels of the week and a slope are found exactly without noise`() throws {
        let steps = 28 * 6
        let driver = (0..<(steps + 12)).map { Double(($0 * $0) % 23) }
        func value(_ index: Int) -> Double { Double((index % 42) * 3 % 17) + 2 * driver[index] }
        var task = ForecastTask(history: (0..<steps).map(value), stepsPerDay: 6, steps: 12)
        task.drivers = [driver]
        let forecast = try #require(PatternRegression.forecast(task))
        for step in 0..<12 {
            #expect((forecast.mean[step] - value(steps + step)).magnitude < 1e-9)
            #expect(forecast.standardError[step] < 1e-9)
        }
    }

    @Test func `a kind of day that was never seen cannot be forecast`() {
        let history = (0..<120).map { Double($0 % 5) }
        let kinds = [Int](repeating: 0, count: 20) + [3]
        let task = ForecastTask(history: history, stepsPerDay: 6, dayKinds: kinds, steps: 6)
        #expect(PatternRegression.forecast(task) == nil)
        #expect(PatternRegression.forecast(ForecastTask(history: [], stepsPerDay: 6, steps: 6)) == nil)
    }
}
