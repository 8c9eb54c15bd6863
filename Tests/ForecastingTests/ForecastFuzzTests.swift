import Foundation
import Testing

@testable import Forecasting

/// How many random cases are tried: CURTAIL_FUZZ_CASES, a few hundred by default, from number CURTAIL_FUZZ_FIRST on.
/// Every case is found again by its number.
enum FuzzPlan {
    static let cases = number("CURTAIL_FUZZ_CASES") ?? 300
    static let first = number("CURTAIL_FUZZ_FIRST") ?? 0
    static let seeds = first..<(first + cases)
    /// For tests that take long in a debug build: fewer, unless a campaign runs.
    static let dearSeeds = cases < 10_000 ? seeds.prefix(cases / 4) : seeds

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }
}

/// Random series and orders.
struct ForecastFuzzTests {

    /// A series of a random length and nature.
    static func series(_ random: inout SplitMix) -> [Double] {
        let count = Int.random(in: 0...90, using: &random)
        let scales = [1e-120, 1e-9, 1, 1e4, 1e12, 1e140]
        let scale: Double = scales.randomElement(using: &random) ?? 1
        let shares = [0, 0, 0.1, 0.6]
        let gaps: Double = shares.randomElement(using: &random) ?? 0
        let nature = Int.random(in: 0...6, using: &random)
        var level = 0.0
        return (0..<count).map { index in
            level += random.normal()
            let value: Double
            switch nature {
            case 0: value = random.normal()
            case 1: value = level
            case 2: value = Double(index % 7) + 0.01 * random.normal()
            case 3: value = Double(index % 4)
            case 4: value = index == count / 2 ? 1e6 : 0
            case 5: value = 5
            default: value = random.next() % 9 == 0 ? .infinity : level
            }
            return Double.random(in: 0..<1, using: &random) < gaps ? .nan : value * scale
        }
    }

    static func order(_ random: inout SplitMix) -> ARIMAOrder {
        let period = Int.random(in: 2...12, using: &random)
        let seasonal = SeasonalOrder(
            Int.random(in: 0...2, using: &random), Int.random(in: 0...1, using: &random),
            Int.random(in: 0...2, using: &random), period: period)
        let constants: [ConstantTerm] = [.none, .mean, .drift]
        return ARIMAOrder(
            Int.random(in: 0...3, using: &random), Int.random(in: 0...2, using: &random),
            Int.random(in: 0...3, using: &random), seasonal: Bool.random(using: &random) ? [seasonal] : [],
            constant: constants.randomElement(using: &random) ?? .none)
    }

    @Test func `any series with any order is fitted or refused, and what is fitted is sound`() throws {
        var fitted = 0
        for seed in FuzzPlan.seeds {
            var random = SplitMix(state: UInt64(seed))
            let series = Self.series(&random)
            let order = Self.order(&random)
            let options = ARIMA.Options(callsPerStart: 60, starts: 1)
            guard let fit = try? ARIMA.fit(series, order: order, options: options) else { continue }
            fitted += 1
            let isStationary = fit.coefficients.unconstrained() != nil
            #expect(isStationary, "seed \(seed): \(order) \(fit.coefficients)")
            #expect(fit.logLikelihood.isFinite && fit.variance > 0, "seed \(seed)")
            #expect(fit.calls <= 60 + 64, "seed \(seed): \(fit.calls) calls")
            let forecast = try fit.forecast(steps: 20)
            let isFinite = forecast.mean.allSatisfy(\.isFinite) && forecast.standardError.allSatisfy { $0 >= 0 }
            #expect(isFinite, "seed \(seed): \(order)")
            // No forecast is surer than the innovations allow.
            let least = fit.variance.squareRoot() * (1 - 1e-9)
            let isHonest = forecast.standardError.allSatisfy { $0 >= least }
            #expect(isHonest, "seed \(seed): \(order)")
        }
        #expect(fitted > FuzzPlan.cases / 5)
    }

    @Test func `the front answers any series`() {
        let forecaster = SeasonalForecaster(
            candidates: [.seasonARIMA, .likeDayARIMA, .likeDayMean(days: 3)], effort: .quick)
        for seed in FuzzPlan.dearSeeds {
            var random = SplitMix(state: UInt64(seed) &+ 1_000_000_000)
            let series = Self.series(&random)
            let task = ForecastTask(
                history: series, stepsPerDay: Int.random(in: -1...12, using: &random),
                dayKinds: (0..<Int.random(in: 0...20, using: &random)).map { $0 % 3 },
                steps: Int.random(in: -2...30, using: &random))
            let forecast = forecaster.forecast(task).forecast
            let isFinite =
                forecast.mean.allSatisfy { $0.isFinite }
                && forecast.standardError.allSatisfy { $0.isFinite && $0 >= 0 }
            #expect(forecast.mean.count == max(task.steps, 0), "seed \(seed)")
            #expect(isFinite, "seed \(seed)")
        }
    }

    @Test func `partial autocorrelations and coefficients are each other's inverse`() throws {
        for seed in FuzzPlan.seeds {
            var random = SplitMix(state: UInt64(seed))
            let count = Int.random(in: 0...8, using: &random)
            let partials = (0..<count).map { _ in Double.random(in: -0.95...0.95, using: &random) }
            let found = try #require(
                PartialAutocorrelation.partials(PartialAutocorrelation.coefficients(partials)))
            let isEqual = zip(found, partials).allSatisfy { ($0 - $1).magnitude < 1e-6 }
            #expect(isEqual, "seed \(seed)")
        }
    }
}
