import DemandResponse
import MariaDB
import Measures
import MeterData
import Redis

/// Series of one meter from the copies of its days.
extension SeriesStore {
    /// The most days of one answer that are looked for in the cache.
    static let cachedDays = 800

    /// The readings that begin in the window, in order of time, day by day from the cache; what is not there is read
    /// from the database, neighbouring days together. Nil without a cache or for too many days.
    func cachedReadings(of meter: MeterID, in window: TimeWindow) async throws -> [DayReadings.Reading]? {
        guard let cache, window.duration > .zero else { return nil }
        let first = Self.day(window.start)
        let count = Self.day(window.end - .seconds(1)) - first + 1
        guard count <= Self.cachedDays else { return nil }
        let days = (0..<count).map { first + $0 }
        let copies = try await cache.values(.series, days.map { DayReadings.key(meter, $0) }) { missing in
            var values: [[UInt8]] = []
            for run in Self.runs(missing) {
                values += try await load(meter, days[run.lowerBound]...days[run.upperBound])
            }
            return values
        }
        var readings: [DayReadings.Reading] = []
        for (day, copy) in zip(days, copies) {
            // Somebody else wrote into the cache.
            guard let found = DayReadings.readings(copy, on: day) else { return nil }
            readings += found
        }
        return readings.filter { window.contains($0.start) }
    }

    /// The values of consecutive days.
    private func load(_ meter: MeterID, _ days: ClosedRange<CivilDay>) async throws -> [[UInt8]] {
        let count = days.upperBound - days.lowerBound + 1
        let start = Instant(secondsSinceEpoch: Int64(days.lowerBound.daysSinceEpoch) * 86_400)
        return try await pool.withConnection { connection in
            var values = Array(repeating: [UInt8](), count: count)
            try connection.forEachRow(
                SeriesStatements.days, [.meter(meter), .instant(start), .instant(start + .days(Int64(count)))]
            ) { row in
                let day = Self.day(try row.instant("start_time")) - days.lowerBound
                try DayReadings.append(row, to: &values[day])
            }
            return values
        }
    }

    /// The same as `series` of one meter, reading by reading.
    static func buckets(
        _ readings: [DayReadings.Reading], in window: TimeWindow, at resolution: SeriesResolution, zone: ZoneRules
    ) -> [SeriesBucket] {
        var buckets: [SeriesBucket] = []
        var whole: TimeWindow?
        for reading in readings {
            let isSame = whole?.contains(reading.start) ?? false
            let bucket = isSame ? whole : resolution.bucket(containing: reading.start, in: zone)
            guard let bucket else { continue }
            let start = max(bucket.start, window.start)
            let power = WattHours(reading.energy).meanPower(over: reading.duration)
            let part = SeriesBucket(
                window: TimeWindow(start: start, duration: min(bucket.end, window.end) - start),
                energy: WattHours(reading.energy), shed: WattHours(reading.shed ?? 0), readings: 1,
                covered: reading.duration, flagged: reading.isGood ? 0 : 1, lowest: power, highest: power)
            if isSame {
                buckets[buckets.count - 1].merge(part)
            } else {
                whole = bucket
                buckets.append(part)
            }
        }
        return buckets
    }

    /// In UTC.
    static func day(_ instant: Instant) -> CivilDay {
        CivilDay(daysSinceEpoch: Int(instant.floored(to: .days(1)).secondsSinceEpoch / 86_400))
    }

    /// Neighbouring numbers put together.
    static func runs(_ numbers: [Int]) -> [ClosedRange<Int>] {
        var runs: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = runs.last, last.upperBound + 1 == number {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs
    }
}
