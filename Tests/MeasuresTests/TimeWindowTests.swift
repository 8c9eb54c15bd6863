import Measures
import Testing

@Suite struct TimeWindowTests {
    private let noon = Instant(year: 2_025, month: 7, day: 1, hour: 12)

    @Test func `its start belongs to it, its end does not`() {
        let window = TimeWindow(start: noon, duration: .hours(1))
        #expect(window.contains(noon))
        #expect(!window.contains(window.end))
        #expect(!window.contains(noon - .seconds(1)))
        #expect(window.contains(window))
        #expect(!window.overlaps(TimeWindow(start: window.end, duration: .hours(1))))
        #expect(window.overlaps(TimeWindow(start: window.end - .seconds(1), duration: .hours(1))))
    }

    @Test func `cannot end before it starts`() {
        #expect(TimeWindow(start: noon, end: noon - .seconds(1)) == nil)
        #expect(TimeWindow(start: noon, end: noon)?.duration == .zero)
        #expect(TimeWindow(start: noon, duration: .hours(-1)).duration == .zero)
    }

    @Test func `is cut into steps that cover it without overlap`() {
        let window = TimeWindow(start: noon, duration: .minutes(40))
        let parts = window.intervals(every: .minutes(15))
        #expect(parts.map(\.duration) == [.minutes(15), .minutes(15), .minutes(10)])
        #expect(parts.first?.start == window.start && parts.last?.end == window.end)
        #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.end == $1.start })
        #expect(TimeWindow(start: noon, duration: .zero).intervals(every: .minutes(15)).isEmpty)
    }
}
