import DemandResponse
import Forecasting
import Logging
import MariaDB
import Measures
import Persistence
import Testing
import WebServer

@testable import curtail

@Suite struct ForecastKeeperTests {
    private static let start = Instant(year: 2026, month: 6, day: 1)

    private func keeper(
        _ pool: MariaDBPool, _ holder: String = "a", at now: Instant, metrics: MetricsRegistry = MetricsRegistry()
    ) -> ForecastKeeper {
        // Cheap methods: which ones does not matter here.
        let forecaster = SeasonalForecaster(
            candidates: [.likeDayMean(days: 4), .likeDayMean(days: 2)], heldOutDays: 5, effort: .quick)
        return ForecastKeeper(
            pool: pool, interval: .hours(1), holder: holder, forecaster: forecaster, metrics: metrics,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            time: AcceleratedTime(start: now, rate: 0))
    }

    private func meter(_ name: String, _ pool: MariaDBPool) async throws -> Meter {
        if try await AccountStore(pool).distributor() == nil {
            _ = try await AccountStore(pool).establishDistributor(named: "Grid")
        }
        _ = try await MeterStore(pool).create(.init(name: name, zone: "UTC", step: .hours(1)))
        return try #require(try await MeterStore(pool).meter(named: name))
    }

    /// Days of hourly readings, counted from the first day of the test.
    private func write(
        _ days: Range<Int>, of meter: Meter, _ pool: MariaDBPool, times factor: Double = 1,
        quality: ReadingStore.Quality = .good
    ) async throws {
        var random = SplitMix64(seed: UInt64(days.lowerBound) + 7)
        let readings = (days.lowerBound * 24..<days.upperBound * 24).map { hour -> IntervalReading in
            let load = 1_000 + (hour % 24 > 7 && hour % 24 < 19 ? 600 : 0) + Double.random(in: 0..<90, using: &random)
            return IntervalReading(
                start: Self.start + .hours(Int64(hour)), duration: .hours(1), energy: WattHours(load * factor))
        }
        _ = try await ReadingStore(pool).write(readings, of: meter.id, recordedAt: Self.start, quality: quality)
    }

    private func day(_ number: Int) -> Instant { Self.start + .days(Int64(number)) }

    @Test func `of several programs one trains a meter, and the others leave it alone`() async throws {
        try await withDatabase("keepers") { pool in
            let meter = try await meter("m", pool)
            try await write(0..<16, of: meter, pool)
            let outcomes = try await withThrowingTaskGroup(of: ForecastKeeper.Outcome.self) { group in
                for number in 0..<6 {
                    let keeper = keeper(pool, "program \(number)", at: day(16))
                    group.addTask { try await keeper.forecast(meter) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == .chosen } == 1)
            #expect(outcomes.count { $0 == .claimed || $0 == .unchanged } == 5)
            #expect(try await ForecastModelStore(pool).latest(of: meter.id)?.version == 1)
            #expect(try await pool.query("SELECT meter_id FROM forecast_claims").isEmpty)
        }
    }

    @Test func `a meter of a program that died is taken over when its claim is old`() async throws {
        try await withDatabase("keeper_died") { pool in
            let meter = try await meter("m", pool)
            try await write(0..<16, of: meter, pool)
            let claims = ForecastClaimStore(pool)
            let end = day(16) + ForecastKeeper.claimHolds
            #expect(try await claims.claim(meter.id, for: "dead", at: day(16), until: end))
            let metrics = MetricsRegistry()
            await keeper(pool, at: day(16), metrics: metrics).round()
            #expect(metrics.value("curtail_forecasts_total", labels: ["outcome": "claimed"]) == 1)
            #expect(try await keeper(pool, at: end - .seconds(1)).forecast(meter) == .claimed)
            #expect(try await keeper(pool, at: end).forecast(meter) == .chosen)
        }
    }

    @Test func `models are refitted with new readings and chosen anew after a week`() async throws {
        try await withDatabase("keeper_weeks") { pool in
            let meter = try await meter("m", pool)
            #expect(try await keeper(pool, at: day(0)).forecast(meter) == .noReadings)
            try await write(0..<2, of: meter, pool)
            #expect(try await keeper(pool, at: day(2)).forecast(meter) == .fallback)
            var outcomes: [ForecastKeeper.Outcome] = []
            for number in 16...24 {
                try await write(number == 16 ? 2..<16 : (number - 1)..<number, of: meter, pool)
                outcomes.append(try await keeper(pool, at: day(number)).forecast(meter))
                #expect(try await keeper(pool, at: day(number)).forecast(meter) == .unchanged)
            }
            let expected: [ForecastKeeper.Outcome] =
                [.chosen] + Array(repeating: .refitted, count: 6) + [.chosen, .refitted]
            #expect(outcomes == expected)
        }
    }

    @Test func `an error out of its band raises one alarm, chooses anew, and ends`() async throws {
        try await withDatabase("keeper_drift") { pool in
            let meter = try await meter("m", pool)
            let metrics = MetricsRegistry()
            let models = ForecastModelStore(pool)
            try await write(0..<16, of: meter, pool)
            #expect(try await keeper(pool, at: day(16), metrics: metrics).forecast(meter) == .chosen)
            try await write(16..<17, of: meter, pool)
            #expect(try await keeper(pool, at: day(17), metrics: metrics).forecast(meter) == .refitted)
            #expect(try await models.drift(of: meter.id) == nil)
            // The plant runs at three times its load from now on.
            try await write(17..<18, of: meter, pool, times: 3)
            #expect(try await keeper(pool, at: day(18), metrics: metrics).forecast(meter) == .chosen)
            let alarm = try #require(try await models.drift(of: meter.id))
            #expect(alarm.endedAt == nil && alarm.error.value > alarm.limit.value && alarm.detectedAt == day(18))
            var ended: Int?
            for number in 19...30 where ended == nil {
                try await write((number - 1)..<number, of: meter, pool, times: 3)
                _ = try await keeper(pool, at: day(number), metrics: metrics).forecast(meter)
                if try await models.drift(of: meter.id)?.endedAt != nil { ended = number }
            }
            #expect(ended != nil)
            #expect(metrics.value("curtail_forecast_drifts_total") == 1)
        }
    }

    @Test func `suspect readings are left out until a cleaning mends them`() async throws {
        try await withDatabase("keeper_clean") { pool in
            let meter = try await meter("m", pool)
            try await write(0..<10, of: meter, pool)
            try await write(5..<6, of: meter, pool, times: 40, quality: .suspect)
            let raw = try #require(try await LoadHistory.read(meter, on: pool))
            #expect(raw.suspect == 24 && raw.mended == 0 && raw.energies.count == 216)
            let noon = day(5) + .hours(12)
            #expect(raw.energies[noon] == nil)
            let cleanings = CleaningStore(pool)
            let ann = Actor("ann@grid.example")
            _ = try await cleanings.edit(meter.id, at: noon, to: WattHours(1_630), by: ann, reason: "read by hand")
            _ = try await cleanings.edit(meter.id, at: day(7), to: nil, by: ann, reason: "not believed")
            let cleaned = try #require(try await LoadHistory.read(meter, on: pool))
            #expect(cleaned.energies[noon] == 1_630 && cleaned.energies[day(7)] == nil)
            #expect(cleaned.suspect == 24 && cleaned.mended == 1 && cleaned.energies.count == 216)
        }
    }
}
