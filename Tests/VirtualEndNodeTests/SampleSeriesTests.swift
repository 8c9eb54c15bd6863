import Foundation
import Measures
import OpenADR
import Testing
import VirtualEndNode

/// Energies from what a meter showed, with its gaps.
@Suite struct SampleSeriesTests {
    private static let start = Solo.start

    private static func series(
        _ kind: SampleSeries.Kind, step: Int64 = 10, _ values: [(Int64, Double)]
    ) -> SampleSeries {
        var series = SampleSeries(kind: kind, step: .seconds(step))
        for (second, value) in values { series.add(value, at: start + .seconds(second)) }
        return series
    }

    private static func window(_ from: Int64, _ to: Int64) -> TimeWindow {
        TimeWindow(start: start + .seconds(from), duration: .seconds(to - from))
    }

    @Test func `power holds until the next value, and no longer than three steps`() {
        let series = Self.series(.power, [(0, 3_600), (10, 7_200), (20, 0), (100, 3_600)])
        #expect(series.energy(in: Self.window(0, 10)) == WattHours(10))
        #expect(series.energy(in: Self.window(5, 15)) == WattHours(15))
        #expect(series.energy(in: Self.window(20, 50)) == WattHours(0))
        #expect(series.energy(in: Self.window(50, 60)) == nil)
        #expect(series.energy(in: Self.window(0, 60)) == nil)
        #expect(series.energy(in: Self.window(-10, 0)) == nil)
    }

    @Test func `a counter is read at the edges, and one that goes back says nothing`() {
        let series = Self.series(.counter, [(0, 100), (10, 110), (20, 130), (30, 5), (40, 15)])
        #expect(series.energy(in: Self.window(0, 20)) == WattHours(30))
        #expect(series.energy(in: Self.window(5, 15)) == WattHours(15))
        #expect(series.energy(in: Self.window(20, 30)) == nil)
        #expect(series.energy(in: Self.window(30, 40)) == WattHours(10))
        #expect(series.energy(in: Self.window(35, 45)) == nil)
    }

    @Test func `energies of steps add up where all are there`() {
        let series = Self.series(.energy, step: 60, [(0, 6), (60, 12), (180, 3)])
        #expect(series.energy(in: Self.window(0, 120)) == WattHours(18))
        #expect(series.energy(in: Self.window(30, 90)) == WattHours(9))
        #expect(series.energy(in: Self.window(60, 180)) == nil)
        #expect(series.energy(in: Self.window(180, 240)) == WattHours(3))
    }

    @Test func `late values find their place, and a second one of a moment counts`() {
        var series = Self.series(.energy, step: 60, [(120, 1), (0, 2)])
        series.add(9, at: Self.start + .seconds(60))
        series.add(3, at: Self.start + .seconds(60))
        series.add(.nan, at: Self.start + .seconds(60))
        #expect(series.energy(in: Self.window(0, 180)) == WattHours(6))
        series.forget(before: Self.start + .seconds(60))
        #expect(series.values.count == 2)
    }

    @Test func `values that were taken survive the process`() async throws {
        let folder = Scratch()
        let path = "\(folder.path)/\(SampledMeter.fileName)"
        func open(_ now: Instant) throws -> SampledMeter {
            try SampledMeter(
                series: ["hvac": SampleSeries(kind: .energy, step: .seconds(60))], kept: ["hvac"], journal: path,
                now: now)
        }
        do {
            let meter = try open(Self.start)
            for minute in 0..<5 {
                let moment = Self.start + .minutes(Int64(minute))
                try meter.add(Double(minute), of: "hvac", at: moment, now: moment)
                try meter.add(99, of: "unknown", at: moment, now: moment)
            }
        }
        let readings = try await open(Self.start + .hours(1)).readings(
            of: "hvac", in: Self.window(0, 360), every: .minutes(1))
        #expect(readings.map(\.energy?.value) == [0, 1, 2, 3, 4, nil])
        // What is older than the capacity is let go.
        let late = try await open(Self.start + .days(8)).readings(
            of: "hvac", in: Self.window(0, 60), every: .minutes(1))
        #expect(late.map(\.energy) == [nil])
    }
}
