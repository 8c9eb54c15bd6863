import DemandResponse
import MariaDB
import Measures
import Persistence
import Synchronization
import Testing

@Suite struct ReadingStoreTests {
    private let step = TimeSpan.minutes(15)

    private func readings(_ count: Int, from start: Instant = midsummer) -> [IntervalReading] {
        (0..<count).map { index in
            IntervalReading(
                start: start + step * Int64(index), duration: step,
                energy: index % 50 == 49 ? nil : WattHours(Double(index) + 0.25))
        }
    }

    private func newMeter(_ pool: MariaDBPool, _ name: String = "m") async throws -> MeterID {
        _ = try await AccountStore(pool).establishDistributor(named: "Grid")
        return try await MeterStore(pool).create(.init(name: name, zone: "UTC", step: step))
    }

    @Test func `an import twice leaves the same rows`() async throws {
        try await withDatabase("import") { pool in
            let store = ReadingStore(pool)
            let meter = try await newMeter(pool)
            let year = readings(12_000, from: Instant(year: 2025, month: 11, day: 1))
            let measured = year.filter { $0.energy != nil }
            let window = TimeWindow(start: year[0].start, duration: .days(365))
            let steps = Mutex<[Int]>([])
            let written = try await store.write(year, of: meter, recordedAt: midsummer) { progress in
                steps.withLock { $0.append(progress.rowsDone) }
            }
            #expect(written == 11_760)
            #expect(steps.withLock { $0 } == [5_000, 10_000, 11_760])
            #expect(try await store.readings(of: meter, in: window) == measured)
            _ = try await store.write(year.reversed(), of: meter, recordedAt: midsummer)
            #expect(try await store.count(of: meter) == 11_760)
            #expect(try await store.readings(of: meter, in: window) == measured)
            #expect(try await store.extent(of: meter)?.start == year[0].start)
        }
    }

    @Test func `a later statement replaces an earlier one, never the reverse`() async throws {
        try await withDatabase("later") { pool in
            let store = ReadingStore(pool)
            let meter = try await newMeter(pool)
            func write(_ value: Double, at recordedAt: Instant) async throws {
                _ = try await store.write(
                    [IntervalReading(start: midsummer, duration: step, energy: WattHours(value))], of: meter,
                    recordedAt: recordedAt, quality: .estimated)
            }
            try await write(1, at: midsummer + .hours(2))
            try await write(2, at: midsummer + .hours(1))
            let window = TimeWindow(start: midsummer, duration: .hours(1))
            #expect(try await store.readings(of: meter, in: window).map(\.energy) == [WattHours(1)])
            try await write(3, at: midsummer + .hours(3))
            let stored = try await store.storedReadings(of: meter, in: window)
            #expect(stored.map(\.reading.energy) == [WattHours(3)])
            #expect(stored.map(\.quality) == [.estimated])
        }
    }

    @Test func `readings of an unknown meter are refused`() async throws {
        try await withDatabase("unknown_meter") { pool in
            let store = ReadingStore(pool)
            let refusal = await #expect(throws: RuleViolation.self) {
                try await store.write(readings(1), of: MeterID(99), recordedAt: midsummer)
            }
            #expect(refusal?.rule == .populateDeltas)
            let extent = try await store.extent(of: MeterID(99))
            #expect(extent == nil)
        }
    }

    @Test func `eight importers of eight meters do not disturb each other`() async throws {
        try await withDatabase("importers") { pool in
            let store = ReadingStore(pool)
            var meters: [MeterID] = []
            for index in 0..<8 { meters.append(try await newMeter(pool, "m\(index)")) }
            let readings = readings(3_000)
            try await withThrowingDiscardingTaskGroup { group in
                for meter in meters {
                    group.addTask { _ = try await store.write(readings, of: meter, recordedAt: midsummer) }
                }
            }
            #expect(try await pool.number("SELECT COUNT(*) FROM meter_data") == 8 * 2_940)
        }
    }
}
