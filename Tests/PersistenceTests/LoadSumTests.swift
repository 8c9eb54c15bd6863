import Measures
import Testing

@testable import Persistence

@Suite struct LoadSumTests {
    private static let noon = Instant(year: 2026, month: 7, day: 1) + .hours(12)

    private func window(_ from: Int64, _ minutes: Int64) -> TimeWindow {
        TimeWindow(start: Self.noon + .minutes(from), duration: .minutes(minutes))
    }

    @Test func `quarters of an hour and hours add up at each quarter, and a gap shows in the count`() {
        var sum = LoadSum()
        for quarter in [0, 15, 30, 45, 75] { sum.add(Double(100 + quarter), of: 2, in: window(Int64(quarter), 15)) }
        sum.add(1_000, of: 1, in: window(0, 60))
        sum.add(2_000, of: 1, in: window(60, 60))
        let steps = sum.steps
        #expect(steps.map { ($0.start - Self.noon).seconds / 60 } == [0, 15, 30, 45, 60, 75, 90, 120])
        #expect(steps.map(\.power.value) == [1_100, 1_115, 1_130, 1_145, 2_000, 2_175, 2_000, 0])
        #expect(steps.map(\.meters) == [3, 3, 3, 3, 1, 3, 1, 0])
    }
}
