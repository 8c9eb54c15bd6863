import Measures
import SiteSimulation
import Testing

@Suite struct WeatherTests {
    private let weather = Weather(seed: 1, zone: newYork)

    private func temperatures(_ window: TimeWindow) -> [Double] {
        window.intervals(every: .hours(1)).map { weather.temperature(at: $0.start) }
    }

    @Test func `summer is warmer than winter, the afternoon warmer than the night`() {
        let july = temperatures(day(2_026, 7, 1, days: 31))
        let january = temperatures(day(2_026, 1, 1, days: 31))
        let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
        #expect((20...29).contains(mean(july)) && (-5...6).contains(mean(january)))
        #expect((july + january).allSatisfy { (-20...42).contains($0) })
        let afternoons = stride(from: 16, to: july.count, by: 24).map { july[$0] }
        let nights = stride(from: 4, to: july.count, by: 24).map { july[$0] }
        #expect(mean(afternoons) > mean(nights) + 5)
    }

    @Test func `changes without jumps, and differs from seed to seed`() {
        let minutes = day(2_026, 7, 1, days: 3).intervals(every: .minutes(15)).map { weather.temperature(at: $0.start) }
        #expect(zip(minutes, minutes.dropFirst()).allSatisfy { abs($0 - $1) < 1.5 })
        let noon = day(2_026, 7, 1).start + .hours(12)
        #expect(weather.temperature(at: noon) != Weather(seed: 2, zone: newYork).temperature(at: noon))
        #expect((0...1).contains(weather.cloudiness(at: noon)))
    }
}
