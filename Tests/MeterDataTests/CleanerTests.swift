import Measures
import MeterData
import Testing

@Suite struct CleanerTests {
    private let start = Instant(year: 2026, month: 3, day: 1)
    private let step = TimeSpan.minutes(15)

    /// A day like any other: between 200 and 300 Wh.
    private func usual(_ index: Int) -> Double { 250 + 50 * (Double(index % 96) / 48 - 1) + Double(index * 7 % 5) }

    private func edits(
        _ count: Int = 960, rules: CleaningRules = CleaningRules(), _ value: (Int) -> Double?
    ) -> [Int: CleaningEdit] {
        let readings = (0..<count).compactMap { index in
            value(index).map {
                IntervalReading(start: start + step * Int64(index), duration: step, energy: WattHours($0))
            }
        }
        let window = TimeWindow(start: start, duration: step * Int64(count))
        let found = Cleaner(rules, step: step).edits(readings, in: window)
        return Dictionary(
            uniqueKeysWithValues: found.map { (Int(($0.window.start - start).seconds / step.seconds), $0) })
    }

    @Test func `a series without faults is left alone, also one with steps, noise and zeros`() {
        var random = SplitMix64(seed: 3)
        let noise = (0..<960).map { _ in random.fraction() * 400 }
        #expect(edits { usual($0) }.isEmpty)
        #expect(edits { noise[$0] }.isEmpty)
        #expect(edits { $0 % 96 < 40 ? 20 + Double($0 % 3) : 900 + Double($0 % 7) }.isEmpty)
        #expect(edits { _ in 0 }.isEmpty)
    }

    @Test func `short gaps are filled on a line, long ones stay`() {
        let found = edits { (100...102).contains($0) || (300...330).contains($0) ? nil : Double($0) }
        #expect(found.keys.sorted() == [100, 101, 102])
        #expect(found[101]?.cleaned == WattHours(101) && found[101]?.raw == nil && found[101]?.kind == .gap)
    }

    @Test func `spikes up and down are replaced, the peak of a day is not`() {
        let found = edits { index in index == 400 ? 90_000 : index == 500 ? 0 : usual(index) }
        #expect(found.keys.sorted() == [400, 500])
        #expect(found[400]?.kind == .spike && found[400]?.raw == WattHours(90_000))
        #expect(abs((found[400]?.cleaned?.value ?? 0) - usual(400)) < 10)
    }

    @Test func `a stuck meter is not believed, and its zeros are`() {
        let found = edits { (200..<240).contains($0) ? 123 : (600..<700).contains($0) ? 0 : usual($0) }
        #expect(found.keys.sorted() == Array(200..<240))
        #expect(found.values.allSatisfy { $0.kind == .stuck && $0.cleaned == nil })
    }

    @Test func `below zero is wrong unless the meter counts exports`() {
        let value = { (index: Int) -> Double in index == 50 ? -20 : usual(index) }
        #expect(edits(value: value).map(\.value.kind) == [.negative])
        var rules = CleaningRules()
        rules.mayExport = true
        rules.spikeDeviations = 100
        #expect(edits(rules: rules, value).isEmpty)
    }

    @Test func `a register that rolled over gives its true difference`() {
        let found = edits { $0 == 70 ? usual(70) - 10_000_000 : usual($0) }
        #expect(found.keys.sorted() == [70] && found[70]?.kind == .rollover)
        #expect(abs((found[70]?.cleaned?.value ?? 0) - usual(70)) < 1e-6)
    }

    @Test func `time that is counted twice is believed once`() {
        let readings = [(0, 60), (15, 15), (60, 15)].map { minute, length in
            IntervalReading(
                start: start + .minutes(Int64(minute)), duration: .minutes(Int64(length)), energy: WattHours(1))
        }
        let found = Cleaner(CleaningRules(), step: step).edits(
            readings, in: TimeWindow(start: start, duration: .minutes(75)))
        #expect(found.map(\.kind) == [.overlap])
        #expect(found.first?.window.start == start + .minutes(15) && found.first?.cleaned == nil)
    }

    private func edits(value: (Int) -> Double) -> [Int: CleaningEdit] { edits { Optional(value($0)) } }
}
