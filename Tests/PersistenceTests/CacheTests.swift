import DemandResponse
import Foundation
import Glibc
import MariaDB
import Measures
import MeterData
import OpenADR
import Persistence
import Redis
import Synchronization
import Testing

@Suite struct CacheTests {
    private static func cache(_ redis: RedisProcess, timeout: Duration = .seconds(60)) throws -> RedisCache {
        var configuration = try RedisConfiguration(url: redis.url)
        configuration.timeout = timeout
        configuration.backOff = .milliseconds(5)
        configuration.longestBackOff = .milliseconds(20)
        return RedisCache(
            RedisClient(configuration), pause: .milliseconds(20), makeToken: { UUID().uuidString })
    }

    private static func ready(_ cache: RedisCache) async throws {
        for _ in 0..<500 {
            if (try? await cache.invalidate([("none", "none")])) != nil { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw TestFailure("Redis did not start")
    }

    private func meter(_ pool: MariaDBPool, _ name: String = "m") async throws -> MeterID {
        _ = try await AccountStore(pool).establishDistributor(named: "Grid")
        return try await MeterStore(pool).create(
            MeterDescription(name: name, zone: "Europe/Berlin", step: .minutes(15)))
    }

    private func write(
        _ pool: MariaDBPool, _ meter: MeterID, from start: Instant, count: Int, at recorded: Instant,
        _ value: (Int) -> Double
    ) async throws {
        let readings = (0..<count).map { index in
            IntervalReading(
                start: start + .minutes(15) * Int64(index), duration: .minutes(15),
                energy: WattHours(value(index)))
        }
        _ = try await ReadingStore(pool).write(readings, of: meter, recordedAt: recorded)
    }

    @Test func `answers with and without the cache are the same, cold and warm`() async throws {
        let redis = try RedisProcess()
        let cache = try Self.cache(redis)
        try await Self.ready(cache)
        try await withDatabase("cache_same") { pool in
            let meter = try await meter(pool)
            let start = Instant(year: 2025, month: 3, day: 20)
            try await write(pool, meter, from: start, count: 96 * 20, at: start) { Double($0 % 37) }
            let plain = SeriesStore(pool)
            let cached = SeriesStore(pool, cache: cache)
            let window = TimeWindow(start: start + .minutes(75), duration: .days(18))
            for _ in 0..<2 {
                for resolution in SeriesResolution.allCases {
                    let expected = try await plain.series(of: .meter(meter), in: window, at: resolution)
                    #expect(try await cached.series(of: .meter(meter), in: window, at: resolution) == expected)
                }
                let expected = try await plain.samples(of: meter, in: window, points: 100)
                #expect(try await cached.samples(of: meter, in: window, points: 100) == expected)
            }
            #expect(cache.statistics.hits > cache.statistics.misses)
        }
    }

    @Test func `changes are forgotten: readings, predictions, mappings by any writer`() async throws {
        let redis = try RedisProcess()
        let cache = try Self.cache(redis)
        try await Self.ready(cache)
        try await withDatabase("cache_changes") { pool in
            let outbox = CacheOutbox(pool)
            let meter = try await meter(pool)
            try await write(pool, meter, from: midsummer, count: 96, at: midsummer) { _ in 100 }
            let acme = try await AccountStore(pool).createOrganization(named: "Acme")
            let series = SeriesStore(pool, cache: cache)
            let day = TimeWindow(start: midsummer, duration: .days(1))
            func total() async throws -> SeriesBucket? {
                while try await outbox.deliver(to: cache) > 0 {}
                return try await series.series(of: .meter(meter), in: day, at: .day).total
            }
            func organization() async throws -> Int? {
                while try await outbox.deliver(to: cache) > 0 {}
                return try await series.total(of: .organization(acme), in: day)?.readings
            }
            #expect(try await total()?.energy == WattHours(9_600))
            try await write(pool, meter, from: midsummer, count: 1, at: midsummer + .days(1)) { _ in 40 }
            let waiting = try await outbox.backlog().notes
            #expect(waiting == 1)
            #expect(try await total()?.energy == WattHours(9_540))
            try await storeEvent("e", on: pool)
            try await pool.execute(
                """
                INSERT INTO drp_periods (meter_id, event, start_time, end_time, prediction_value)
                VALUES (?, 'e', '2026-07-01 00:00', '2026-07-01 00:15', 50)
                """, [.integer(meter.rawValue)])
            #expect(try await total()?.shed == WattHours(10))
            try await pool.execute("DELETE FROM drp_periods")
            #expect(try await total()?.shed == .zero)
            #expect(try await organization() == nil)
            try await pool.execute(
                "INSERT INTO meter_map (meter_id, entity_id) VALUES (?, ?)",
                [.integer(meter.rawValue), .integer(acme.rawValue)])
            #expect(try await organization() == 96)
            try await MeterStore(pool).unmap(meter, from: acme)
            #expect(try await organization() == nil)
            let left = try await outbox.backlog().notes
            #expect(left == 0)
        }
    }

    @Test func `a note names as many copies as it has room for`() async throws {
        try await withDatabase("cache_notes") { pool in
            let keys = (0..<1_000).map { "\($0)/2026-07-01" }
            try await pool.transaction { try CacheOutbox.forget(.series, keys, $0) }
            let notes = try await pool.query("SELECT cache_key FROM cache_invalidations ORDER BY invalidation_id")
                .map { try $0.text("cache_key") }
            #expect(notes.count == 4)
            #expect(notes.flatMap { $0.split(separator: " ").map(String.init) } == keys)
        }
    }

    @Test func `a change that is rolled back leaves no note`() async throws {
        try await withDatabase("cache_rollback") { pool in
            await #expect(throws: TestFailure.self) {
                try await pool.transaction { connection in
                    try CacheOutbox.forget(.series, ["1/2026-07-01"], connection)
                    throw TestFailure("no")
                }
            }
            let left = try await CacheOutbox(pool).backlog().notes
            #expect(left == 0)
        }
    }

    /// What readers and the writer of the next test know of each other.
    private final class Board: Sendable {
        /// The newest value that is committed, and the newest of which all notes were delivered.
        let committed = Atomic(0)
        let delivered = Atomic(0)
        let reads = Atomic(0)
        let isOver = Atomic(false)
    }

    @Test func `Redis killed, flushed and stalled under load costs speed only`() async throws {
        let redis = try RedisProcess()
        let cache = try Self.cache(redis, timeout: .milliseconds(50))
        try await Self.ready(cache)
        try await withDatabase("cache_chaos") { pool in
            let meter = try await meter(pool)
            let window = TimeWindow(start: midsummer, duration: .days(4))
            try await write(pool, meter, from: midsummer, count: 96 * 4, at: midsummer) { _ in 0 }
            let board = Board()
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask {
                    var value = 0
                    while !board.isOver.load(ordering: .relaxed) {
                        value += 1
                        try await self.write(
                            pool, meter, from: midsummer + .hours(30), count: 1, at: midsummer + .seconds(Int64(value))
                        ) { _ in Double(value) }
                        board.committed.store(value, ordering: .sequentiallyConsistent)
                        try await Task.sleep(for: .milliseconds(2))
                    }
                }
                group.addTask {
                    let outbox = CacheOutbox(pool)
                    while !board.isOver.load(ordering: .relaxed) {
                        let value = board.committed.load(ordering: .sequentiallyConsistent)
                        do {
                            while try await outbox.deliver(to: cache) > 0 {}
                            board.delivered.store(value, ordering: .sequentiallyConsistent)
                        } catch is RedisError {
                            try await Task.sleep(for: .milliseconds(5))
                        }
                    }
                }
                for _ in 0..<4 {
                    group.addTask {
                        let series = SeriesStore(pool, cache: cache)
                        while !board.isOver.load(ordering: .relaxed) {
                            let least = board.delivered.load(ordering: .sequentiallyConsistent)
                            let total = try await series.series(of: .meter(meter), in: window, at: .month).total
                            // The writer may be one ahead of what it has told.
                            let most = board.committed.load(ordering: .sequentiallyConsistent) + 1
                            let value = Int(total?.energy.value ?? -1)
                            #expect((least...most).contains(value))
                            board.reads.add(1, ordering: .relaxed)
                        }
                    }
                }
                for round in 0..<3 {
                    try await Task.sleep(for: .milliseconds(150))
                    redis.signal(SIGKILL)
                    try await Task.sleep(for: .milliseconds(100))
                    try redis.start()
                    try await Task.sleep(for: .milliseconds(150))
                    redis.signal(SIGSTOP)
                    try await Task.sleep(for: .milliseconds(120))
                    redis.signal(SIGCONT)
                    if round == 1 {
                        var configuration = try RedisConfiguration(url: redis.url)
                        configuration.timeout = .seconds(60)
                        let client = RedisClient(configuration)
                        try await client.command(["FLUSHALL"])
                        await client.close()
                    }
                }
                board.isOver.store(true, ordering: .relaxed)
            }
            try await Self.ready(cache)
            while try await CacheOutbox(pool).deliver(to: cache) > 0 {}
            let last = try await SeriesStore(pool, cache: cache).series(of: .meter(meter), in: window, at: .month)
            #expect(last.total?.energy.value == Double(board.committed.load(ordering: .relaxed)))
            #expect(board.reads.load(ordering: .relaxed) > 50)
            let statistics = cache.statistics
            #expect(statistics.hits > 0 && statistics.bypassed > 0, "\(statistics)")
        }
    }
}
