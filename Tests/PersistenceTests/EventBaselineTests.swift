import DemandResponse
import Measures
import OpenADR
import Testing
import VirtualTopNode

@testable import Persistence

/// `eiEventBaseline` from what is forecast.
@Suite struct EventBaselineTests {
    private static let start = Instant(year: 2026, month: 7, day: 1, hour: 12)

    private static func forecast(
        _ meter: MeterID, minutes: Int64, energies: [Double], from start: Instant = start, model: String = "m"
    ) -> LoadForecast {
        LoadForecast(
            meter: meter, model: model, madeAt: start - .hours(1),
            intervals: energies.enumerated().map { index, energy in
                LoadForecast.Interval(
                    window: TimeWindow(start: start + .minutes(minutes * Int64(index)), duration: .minutes(minutes)),
                    mean: WattHours(energy), standardError: .zero, lower80: WattHours(energy),
                    upper80: WattHours(energy),
                    lower95: WattHours(energy), upper95: WattHours(energy))
            })
    }

    private static func baseline(_ forecasts: [LoadForecast], from offset: Int64, minutes: Int64) -> ProgrammedBaseline?
    {
        EventBaselines.baseline(
            "b", from: forecasts, in: TimeWindow(start: start + .minutes(offset), duration: .minutes(minutes)))
    }

    @Test func `energy of intervals becomes power between any two edges, summed over the meters`() throws {
        let quarters = Self.forecast(MeterID(1), minutes: 15, energies: [100, 200, 300, 400])
        let halves = Self.forecast(MeterID(2), minutes: 30, energies: [50, 0], model: "n")
        let one = try #require(Self.baseline([quarters], from: 0, minutes: 60))
        #expect(one.values == [400, 800, 1_200, 1_600] && one.steps == Array(repeating: .minutes(15), count: 4))
        #expect(one.name == "m" && one.start == Self.start)
        let both = try #require(Self.baseline([quarters, halves], from: 10, minutes: 25))
        #expect(both.steps == [.minutes(5), .minutes(15), .minutes(5)])
        #expect(both.values == [500, 900, 1_200] && both.name == "forecast of 2 meters")
    }

    @Test func `a hole, the end of a forecast, or no meter leaves it out`() {
        let quarters = Self.forecast(MeterID(1), minutes: 15, energies: [100, 200])
        #expect(Self.baseline([quarters], from: 15, minutes: 30) == nil)
        #expect(Self.baseline([], from: 0, minutes: 15) == nil)
        let short = Self.forecast(MeterID(2), minutes: 15, energies: [1])
        #expect(Self.baseline([quarters, short], from: 0, minutes: 30) == nil)
    }
}
