import DemandResponse
import MariaDB
import Measures
import MeterData
import Persistence
import Synchronization
import Testing

@Suite struct CleaningStoreTests {
    private let ann = Actor("ann@grid.example")
    private let window = TimeWindow(start: midsummer, duration: .hours(24))

    /// A day with a spike at 10, a gap at 20, and a suspect reading at 30.
    private func stage(_ pool: MariaDBPool) async throws -> MeterID {
        _ = try await AccountStore(pool).establishDistributor(named: "Grid")
        let meter = try await MeterStore(pool).create(MeterDescription(name: "=m", zone: "UTC", step: .minutes(15)))
        var readings: [IntervalReading] = []
        for index in 0..<96 where index != 20 {
            let energy: Double = index == 10 ? 50_000 : 100 + Double(index % 3)
            readings.append(IntervalReading(start: at(index), duration: .minutes(15), energy: WattHours(energy)))
        }
        _ = try await ReadingStore(pool).write(readings, of: meter, recordedAt: midsummer)
        _ = try await ReadingStore(pool).write(
            [IntervalReading(start: midsummer + .minutes(450), duration: .minutes(15), energy: WattHours(100))],
            of: meter, recordedAt: midsummer, quality: .suspect)
        return meter
    }

    private func at(_ index: Int) -> Instant { midsummer + .minutes(15) * Int64(index) }

    @Test func `a cleaning is a version over the raw series, and is undone`() async throws {
        try await withDatabase("cleaning") { pool in
            let meter = try await stage(pool)
            let store = CleaningStore(pool)
            let raw = try await ReadingStore(pool).readings(of: meter, in: window)
            let first = try #require(try await store.clean(meter, in: window, by: ann, reason: "monthly check"))
            let cleaned = try await store.readings(of: meter, in: window)
            #expect(cleaned.count == 96)
            #expect(cleaned.compactMap(\.edit) == [.spike, .gap])
            #expect(cleaned[10].energy.map { $0.value < 200 } == true && cleaned[20].quality == .estimated)
            // The raw series stays.
            #expect(try await ReadingStore(pool).readings(of: meter, in: window) == raw)
            let second = try await store.edit(meter, at: at(10), to: WattHours(77), by: ann, reason: "read by hand")
            #expect(try await store.readings(of: meter, in: window)[10].energy == WattHours(77))
            #expect(try await store.readings(of: meter, in: window, version: first)[10] == cleaned[10])
            try await store.undo(second, by: ann, reason: "wrong day")
            #expect(try await store.readings(of: meter, in: window) == cleaned)
            try await store.undo(first, by: ann, reason: "not wanted")
            #expect(try await store.readings(of: meter, in: window).compactMap(\.energy) == raw.compactMap(\.energy))
            await #expect(throws: CleaningRefusal.alreadyUndone(first)) {
                try await store.undo(first, by: ann, reason: "again")
            }
            await #expect(throws: CleaningRefusal.unknownCleaning(CleaningID(99))) {
                try await store.undo(CleaningID(99), by: ann, reason: "x")
            }
            await #expect(throws: CleaningRefusal.noReason) {
                try await store.edit(meter, at: at(1), to: nil, by: ann, reason: "")
            }
            let history = try await store.cleanings(of: meter)
            #expect(history.map(\.reason) == ["read by hand", "monthly check"])
            #expect(history.map(\.edits) == [1, 2] && history.allSatisfy { $0.actor == ann && $0.undoneAt != nil })
            #expect(history.map { $0.rules == nil } == [true, false])
            let audit = try await AuditStore(pool).entries(.init(actor: ann)).items.map(\.action)
            #expect(audit == ["data.uncleaned", "data.uncleaned", "data.clean", "data.clean"])
        }
    }

    @Test func `a correction by the source takes the place of an edit`() async throws {
        try await withDatabase("cleaning_stale") { pool in
            let meter = try await stage(pool)
            let store = CleaningStore(pool)
            _ = try await store.clean(meter, in: window, by: ann, reason: "check")
            let corrected = [10, 20].map {
                IntervalReading(start: at($0), duration: .minutes(15), energy: WattHours(111))
            }
            _ = try await ReadingStore(pool).write(corrected, of: meter, recordedAt: midsummer + .days(1))
            let readings = try await store.readings(of: meter, in: window)
            #expect(
                readings.count == 96 && readings[10].energy == WattHours(111) && readings[20].energy == WattHours(111))
            #expect(readings.allSatisfy { $0.edit == nil })
        }
    }

    @Test func `forecasts and settlements see no suspect reading that nobody mended`() async throws {
        try await withDatabase("cleaning_trust") { pool in
            let meter = try await stage(pool)
            let store = CleaningStore(pool)
            #expect(try await store.trustedReadings(of: meter, in: window)[29].energy == nil)
            _ = try await store.edit(meter, at: at(30), to: WattHours(99), by: ann, reason: "seen on site")
            _ = try await store.edit(meter, at: at(40), to: nil, by: ann, reason: "broken")
            let trusted = try await store.trustedReadings(of: meter, in: window)
            #expect(trusted[29].energy == WattHours(99) && trusted[39].energy == nil)
        }
    }

    @Test func `a series of the cleaned readings, and what is written out`() async throws {
        try await withDatabase("cleaning_export") { pool in
            let meter = try await stage(pool)
            _ = try await CleaningStore(pool).clean(meter, in: window, by: ann, reason: "check")
            let raw = try await SeriesStore(pool).series(of: .meter(meter), in: window, at: .day).total
            let cleaned = try await SeriesStore(pool).cleanedSeries(of: .meter(meter), in: window, at: .day).total
            #expect(raw?.readings == 95 && cleaned?.readings == 96)
            #expect((raw?.energy.value ?? 0) > 59_000 && (cleaned?.energy.value ?? 0) < 10_000)
            let described = try #require(try await MeterStore(pool).meter(meter))
            for (version, lines) in [(ReadingExport.Version.raw, 95), (.cleaned, 96)] {
                let text = Mutex("")
                let count = try await ReadingExport(pool).readings(
                    of: [described], in: TimeWindow(start: midsummer - .days(100), duration: .days(200)),
                    version: version,
                    as: .csv
                ) { bytes in text.withLock { $0 += String(decoding: bytes, as: UTF8.self) } }
                let rows = text.withLock { $0 }.split(separator: "\n")
                #expect(count == lines && rows.count == lines + 1)
                #expect(rows[1].hasPrefix("'=m,2026-07-01T00:00:00Z,2026-07-01T00:15:00Z,100.0,,good,"))
                #expect(rows[11].contains("spike") == (version == .cleaned))
            }
            let json = Mutex("")
            _ = try await ReadingExport(pool).readings(of: [described], in: window, version: .cleaned, as: .json) {
                bytes in
                json.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
            }
            #expect(json.withLock { $0 }.split(separator: "\n").count == 96)
            #expect(json.withLock { $0 }.hasPrefix("{\"meter\":\"=m\",\"start\":\"2026-07-01T00:00:00Z\""))
        }
    }
}
