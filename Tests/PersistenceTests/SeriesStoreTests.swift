import DemandResponse
import MariaDB
import Measures
import MeterData
import Persistence
import Testing

@Suite struct SeriesStoreTests {
    /// A meter in Berlin with `count` readings of a quarter of an hour, the value of each given by its number.
    private func meter(
        _ name: String, _ pool: MariaDBPool, from start: Instant, count: Int, _ value: (Int) -> Double?
    ) async throws -> MeterID {
        _ = try await AccountStore(pool).establishDistributor(named: "Grid")
        let meter = try await MeterStore(pool).create(
            MeterDescription(name: name, zone: "Europe/Berlin", step: .minutes(15)))
        let readings = (0..<count).map { index in
            IntervalReading(
                start: start + .minutes(15) * Int64(index), duration: .minutes(15),
                energy: value(index).map { WattHours($0) })
        }
        _ = try await ReadingStore(pool).write(readings, of: meter, recordedAt: start)
        return meter
    }

    /// What the store should say, worked out reading by reading.
    private func expected(
        _ resolution: SeriesResolution, _ zone: ZoneRules, _ window: TimeWindow, from start: Instant, count: Int,
        _ value: (Int) -> Double?
    ) -> [Instant: (energy: Double, readings: Int)] {
        var sums: [Instant: (energy: Double, readings: Int)] = [:]
        for index in 0..<count {
            let at = start + .minutes(15) * Int64(index)
            guard window.contains(at), let value = value(index) else { continue }
            let bucket = max(resolution.bucket(containing: at, in: zone).start, window.start)
            sums[bucket, default: (0, 0)].energy += value
            sums[bucket, default: (0, 0)].readings += 1
        }
        return sums
    }

    /// Around the end of summer time in Berlin and on Lord Howe: from mid-March to mid-April, and October.
    @Test func `every resolution agrees with a sum reading by reading, across changes of the clock`() async throws {
        try await withDatabase("series_resolutions") { pool in
            let start = Instant(year: 2025, month: 3, day: 20)
            let count = 30 * 96
            let value = { (index: Int) -> Double? in index % 97 == 5 ? nil : Double(index % 31) - 3 }
            let meter = try await meter("m", pool, from: start, count: count, value)
            let series = SeriesStore(pool)
            let window = TimeWindow(start: start + .minutes(75), duration: .days(29))
            for name in ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"] {
                let zone = try ZoneRules(database: name)
                for resolution in SeriesResolution.allCases {
                    let found = try await series.series(of: .meter(meter), in: window, at: resolution, zone: zone)
                    let sums = expected(resolution, zone, window, from: start, count: count, value)
                    #expect(Set(found.buckets.map(\.window.start)) == Set(sums.keys), "\(name) \(resolution)")
                    for bucket in found.buckets {
                        let sum = sums[bucket.window.start]
                        #expect(sum?.energy == bucket.energy.value && sum?.readings == bucket.readings)
                        #expect(bucket.covered == .minutes(15) * Int64(bucket.readings))
                        #expect(bucket.window.duration > .zero && window.contains(bucket.window))
                    }
                    #expect(found.buckets == found.buckets.sorted { $0.window.start < $1.window.start })
                }
            }
        }
    }

    @Test func `without a zone the meter's own days count`() async throws {
        try await withDatabase("series_zone") { pool in
            // The last Sunday of October has 25 hours in Berlin.
            let start = Instant(year: 2025, month: 10, day: 25, hour: 22)
            let meter = try await meter("m", pool, from: start, count: 200) { _ in 100 }
            let day = try await SeriesStore(pool).series(
                of: .meter(meter), in: TimeWindow(start: start, duration: .hours(49)), at: .day)
            #expect(day.zone.identifier == "Europe/Berlin")
            #expect(day.buckets.map(\.readings) == [100, 96])
            #expect(day.buckets.map(\.window.duration) == [.hours(25), .hours(24)])
            #expect(day.total?.energy == WattHours(19_600))
            #expect(day.buckets.allSatisfy { $0.highest == Watts(400) && $0.lowest == Watts(400) })
        }
    }

    @Test func `an organization's series is the sum of its meters, more than one statement holds`() async throws {
        try await withDatabase("series_organization") { pool in
            let accounts = AccountStore(pool)
            let meters = MeterStore(pool)
            let grid = try await accounts.establishDistributor(named: "Grid")
            let acme = try await accounts.createOrganization(named: "Acme")
            for index in 0..<40 {
                let id = try await meter("m\(index)", pool, from: midsummer, count: 8) { Double(index * 100 + $0) }
                if index < 35 { try await meters.map(id, to: acme) }
            }
            let series = SeriesStore(pool)
            let window = TimeWindow(start: midsummer, duration: .hours(2))
            let hours = try await series.series(of: .organization(acme), in: window, at: .hour)
            let first = (0..<35).reduce(0.0) { $0 + Double(4 * $1 * 100 + 6) }
            #expect(hours.buckets.map(\.energy.value) == [first, first + 35 * 16])
            #expect(hours.buckets.map(\.readings) == [140, 140])
            let total = try await series.total(of: .organization(grid), in: window)
            #expect(total?.readings == 320)
            #expect(total?.highest == Watts(3_907 * 4))
            let empty = try await accounts.createOrganization(named: "Empty")
            #expect(try await series.series(of: .organization(empty), in: window, at: .hour).buckets.isEmpty)
            #expect(try await series.total(of: .organization(empty), in: window) == nil)
        }
    }

    @Test func `a plot keeps peaks and knows holes`() async throws {
        try await withDatabase("series_samples") { pool in
            let meter = try await meter("m", pool, from: midsummer, count: 2_000) {
                (900..<1_000).contains($0) ? nil : $0 == 1_234 ? 500 : 10
            }
            let window = TimeWindow(start: midsummer, duration: .days(30))
            let plot = try await SeriesStore(pool).samples(of: meter, in: window, points: 100)
            #expect(plot.samples.count <= 100 && plot.readings == 1_900)
            #expect(plot.samples.contains { $0.power == Watts(2_000) })
            #expect(plot.gaps == [TimeWindow(start: midsummer + .minutes(15) * 900, duration: .minutes(15) * 100)])
        }
    }

    @Test func `what cannot be given is refused`() async throws {
        try await withDatabase("series_refused") { pool in
            let series = SeriesStore(pool)
            let window = TimeWindow(start: midsummer, duration: .days(4_000))
            await #expect(throws: SeriesError.unknownMeter(MeterID(9))) {
                try await series.series(of: .meter(MeterID(9)), in: window, at: .month)
            }
            await #expect(throws: SeriesError.unknownMeter(MeterID(9))) {
                try await series.samples(of: MeterID(9), in: window, points: 10)
            }
            await #expect { try await series.series(of: .meter(MeterID(9)), in: window, at: .fiveMinutes) } throws: {
                if case .tooFine? = $0 as? SeriesError { true } else { false }
            }
        }
    }
}
