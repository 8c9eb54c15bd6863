import Forecasting
import Testing

/// A daily pattern with noise from a small generator of our own.
func simulatedLoad(days: Int, stepsPerDay: Int = 24, seed: UInt64 = 1, noise: Double = 2) -> [Double] {
    var random = SplitMix(state: seed)
    var disturbance = 0.0
    return (0..<(days * stepsPerDay)).map { index in
        let hour = Double(index % stepsPerDay) / Double(stepsPerDay)
        let weekend = (index / stepsPerDay) % 7 >= 5
        disturbance = 0.8 * disturbance + noise * random.normal()
        let shape = hour > 0.3 && hour < 0.8 ? 40.0 : 10.0
        return 100 + (weekend ? 0.4 : 1) * shape + disturbance
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func normal() -> Double {
        NormalDistribution.quantile((Double(next() >> 11) + 0.5) / 9007199254740992)
    }
}

struct SeasonalForecasterTests {
    let kinds = (0..<80).map { $0 % 7 >= 5 ? 1 : 0 }

    @Test func `a load with working days and weekends is forecast better than by the day before`() throws {
        let history = simulatedLoad(days: 54)
        let actual = Array(simulatedLoad(days: 55).suffix(24))
        let task = ForecastTask(history: history, stepsPerDay: 24, dayKinds: kinds, steps: 24)
        let answer = SeasonalForecaster(effort: .quick).forecast(task)
        #expect(answer.notes.isEmpty)
        #expect(!answer.isFallback)
        let score = try #require(answer.score)
        let naive = try #require(answer.naiveScore)
        #expect(score.mase < 0.8 * naive.mase)
        let error = try #require(ErrorMeasures.mae(forecast: answer.forecast.mean, actual: actual))
        #expect(error < 6)
        let covered = try #require(ErrorMeasures.coverage(answer.forecast.interval(level: 0.95), actual: actual))
        #expect(covered > 0.8)
    }

    @Test func `a pattern without noise is continued exactly`() {
        let day = (0..<24).map { Double(($0 * 7) % 13) }
        let history = (0..<20).flatMap { _ in day }
        let answer = SeasonalForecaster(effort: .quick).forecast(
            ForecastTask(history: history, stepsPerDay: 24, steps: 48))
        #expect(answer.forecast.mean == day + day)
    }

    @Test(arguments: OddSeries.all)
    func `any series gets a finite forecast`(series: OddSeries) {
        for steps in [0, 1, 24, 50] {
            for stepsPerDay in [0, 1, 24, 96] {
                let task = ForecastTask(history: series.values, stepsPerDay: stepsPerDay, steps: steps)
                let forecast = SeasonalForecaster(effort: .quick).forecast(task).forecast
                let isFinite = forecast.mean.allSatisfy { $0.isFinite }
                let isSpread = forecast.standardError.allSatisfy { $0.isFinite && $0 >= 0 }
                #expect(forecast.mean.count == steps)
                #expect(isFinite && isSpread, "\(series.name), \(steps) steps, \(stepsPerDay) a day")
            }
        }
    }
}

/// Series that break careless numerics.
struct OddSeries: Sendable, CustomTestStringConvertible {
    var name: String
    var values: [Double]
    var testDescription: String { name }

    init(_ name: String, _ value: (_ index: Int) -> Double) {
        self.name = name
        values = (0..<300).map(value)
    }

    static let all: [OddSeries] = [
        OddSeries("all missing") { _ in .nan },
        OddSeries("constant") { _ in 5 },
        OddSeries("zeros") { _ in 0 },
        OddSeries("infinite values") { $0 % 5 == 0 ? .infinity : Double($0 % 24) },
        OddSeries("huge") { Double($0 % 24) * 1e148 },
        OddSeries("tiny") { Double(($0 * $0) % 31) * 1e-300 },
        OddSeries("ramp") { Double($0) },
        OddSeries("one spike") { $0 == 150 ? 1e9 : 1 },
        OddSeries("half missing") { $0 % 2 == 0 ? .nan : Double(($0 * 31) % 17) },
        OddSeries("one value") { $0 == 7 ? 5 : .nan },
        OddSeries("two values") { $0 % 200 == 7 ? Double($0) : .nan },
    ]
}
