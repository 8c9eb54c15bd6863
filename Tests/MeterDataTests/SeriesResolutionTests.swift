import Measures
import MeterData
import Testing

@Suite struct SeriesResolutionTests {
    /// Buckets of a window, one after the other.
    private func buckets(
        _ resolution: SeriesResolution, _ zone: ZoneRules, from start: Instant, to end: Instant
    ) -> [TimeWindow] {
        var buckets: [TimeWindow] = []
        var now = start
        while now < end {
            let bucket = resolution.bucket(containing: now, in: zone)
            buckets.append(bucket)
            guard bucket.end > now else { break }
            now = bucket.end
        }
        return buckets
    }

    private static let zones = [
        "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago",
        "Asia/Beirut", "Asia/Kathmandu",
    ]

    @Test(arguments: SeriesResolution.allCases)
    func `buckets of a year follow each other without a hole in every zone`(_ resolution: SeriesResolution) throws {
        let start = Instant(year: 2025, month: 1, day: 1)
        let end = Instant(year: 2026, month: 1, day: 1)
        for name in Self.zones {
            let zone = try ZoneRules(database: name)
            let all = buckets(resolution, zone, from: start, to: end)
            for (one, next) in zip(all, all.dropFirst()) {
                #expect(one.end == next.start, "\(name) \(one)")
                #expect(one.duration > .zero)
                #expect(resolution.bucket(containing: one.end - .seconds(1), in: zone) == one, "\(name) \(one)")
            }
        }
    }

    /// Clock changes: the day's length and how many hours it has.
    private static let days: [(String, CivilDay, TimeSpan, Int)] = [
        ("Europe/Berlin", CivilDay(year: 2025, month: 3, day: 30), .hours(23), 23),
        ("Europe/Berlin", CivilDay(year: 2025, month: 10, day: 26), .hours(25), 25),
        ("America/New_York", CivilDay(year: 2025, month: 3, day: 9), .hours(23), 23),
        // Half an hour: the clock goes from 02:00 to 02:30 and from 02:00 back to 01:30.
        ("Australia/Lord_Howe", CivilDay(year: 2025, month: 10, day: 5), .minutes(23 * 60 + 30), 24),
        ("Australia/Lord_Howe", CivilDay(year: 2025, month: 4, day: 6), .minutes(24 * 60 + 30), 25),
        // Midnight itself is skipped.
        ("Asia/Beirut", CivilDay(year: 2025, month: 3, day: 30), .hours(23), 23),
    ]

    @Test func `days on which the clock is set are shorter or longer`() throws {
        for (name, day, length, hours) in Self.days {
            let zone = try ZoneRules(database: name)
            let bucket = SeriesResolution.day.bucket(containing: zone.midnight(day), in: zone)
            #expect(bucket.duration == length, "\(name)")
            #expect(buckets(.hour, zone, from: bucket.start, to: bucket.end).count == hours, "\(name)")
        }
    }

    @Test func `weeks begin on Monday and months on the first`() throws {
        let zone = try ZoneRules(database: "Europe/Berlin")
        let instant = Instant(year: 2025, month: 10, day: 29, hour: 12)
        let week = SeriesResolution.week.bucket(containing: instant, in: zone)
        #expect(zone.local(week.start).day == CivilDay(year: 2025, month: 10, day: 27))
        #expect(zone.local(week.start).time == .zero)
        let month = SeriesResolution.month.bucket(containing: instant, in: zone)
        #expect(zone.local(month.start).day == CivilDay(year: 2025, month: 10, day: 1))
        #expect(month.duration == .hours(31 * 24 + 1))
    }
}

@Suite struct MinMaxDecimatorTests {
    private let start = Instant(year: 2025, month: 1, day: 1)

    private func sample(_ index: Int, _ power: Double) -> SeriesSample {
        SeriesSample(start: start + .minutes(15) * Int64(index), duration: .minutes(15), power: Watts(power))
    }

    private func decimated(_ count: Int, points: Int, _ power: (Int) -> Double?) -> DecimatedSeries {
        var decimator = MinMaxDecimator(
            window: TimeWindow(start: start, duration: .minutes(15) * Int64(count)), points: points)
        for index in 0..<count { if let power = power(index) { decimator.add(sample(index, power)) } }
        return decimator.finish()
    }

    @Test func `few samples stay as they are`() {
        let series = decimated(10, points: 10) { Double($0) }
        #expect(series.samples == (0..<10).map { sample($0, Double($0)) })
        #expect(series.gaps.isEmpty && series.readings == 10)
    }

    @Test func `every span keeps its peak and its dip, in order of time`() {
        var random = SplitMix64(seed: 5)
        let powers = (0..<35_040).map { _ in random.fraction() * 1_000 }
        let series = decimated(powers.count, points: 1_000) { powers[$0] }
        #expect(series.samples.count <= 1_000 && series.samples.count > 900)
        #expect(series.readings == 35_040)
        #expect(zip(series.samples, series.samples.dropFirst()).allSatisfy { $0.start < $1.start })
        #expect(series.samples.map(\.power.value).max() == powers.max())
        #expect(series.samples.map(\.power.value).min() == powers.min())
        // Each 500th of the window against its own extremes.
        let span = Double(powers.count) / 500
        for part in [0, 17, 250, 499] {
            let own = powers.indices.filter { Int(Double($0) / span) == part }.map { powers[$0] }
            let shown = series.samples.filter {
                Int(Double(($0.start - start).seconds) / 900 / span) == part
            }.map(\.power.value)
            #expect(shown.max() == own.max() && shown.min() == own.min())
        }
    }

    @Test func `a single peak among zeros is never lost`() {
        for peak in [0, 1, 4_999, 9_999] {
            let series = decimated(10_000, points: 20) { $0 == peak ? 7 : 0 }
            #expect(series.samples.contains(sample(peak, 7)))
        }
    }

    @Test func `holes are told, and short ones only where they can be seen`() {
        let few = decimated(10, points: 100) { (3...4).contains($0) ? nil : 1 }
        #expect(few.gaps == [TimeWindow(start: start + .minutes(45), duration: .minutes(30))])
        let many = decimated(10_000, points: 100) { $0 == 500 || (2_000..<4_000).contains($0) ? nil : 1 }
        #expect(many.gaps == [TimeWindow(start: start + .minutes(15) * 2_000, duration: .minutes(15) * 2_000)])
    }

    @Test func `samples outside the window and out of order are left out`() {
        var decimator = MinMaxDecimator(window: TimeWindow(start: start, duration: .hours(1)), points: 10)
        for index in [-1, 1, 0, 1, 2, 4] { decimator.add(sample(index, 1)) }
        #expect(decimator.finish().samples == [sample(1, 1), sample(2, 1)])
    }
}
