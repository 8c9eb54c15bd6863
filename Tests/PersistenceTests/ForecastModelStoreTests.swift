import DemandResponse
import MariaDB
import Measures
import Persistence
import Testing

@Suite struct ForecastModelStoreTests {
    private func model(_ meter: MeterID, _ parameters: String, at time: Instant = midsummer) -> StoredForecastModel {
        StoredForecastModel(
            meter: meter, origin: .chosen, name: "mean of 3 methods", parameters: parameters,
            window: TimeWindow(start: midsummer - .days(56), duration: .days(56)), readings: 1_344, mase: 0.7,
            codeVersion: "0.1.0", trainedAt: time)
    }

    private func withMeter(_ name: String, _ work: (MariaDBPool, MeterID) async throws -> Void) async throws {
        try await withDatabase(name) { pool in
            _ = try await AccountStore(pool).establishDistributor(named: "Grid")
            try await work(pool, try await MeterStore(pool).create(.init(name: "m", zone: "UTC", step: .hours(1))))
        }
    }

    @Test func `versions of a model count up, and the same model again is the same version`() async throws {
        try await withMeter("models") { pool, meter in
            let store = ForecastModelStore(pool)
            #expect(try await store.latest(of: meter) == nil)
            let first = try await store.save(model(meter, #"{"a":1}"#))
            #expect(try await store.save(model(meter, #"{"a":1}"#)) == first)
            let second = try await store.save(model(meter, #"{"a":2}"#, at: midsummer + .days(1)))
            #expect((first.version, second.version) == (1, 2))
            #expect(try await store.latest(of: meter) == second)
            #expect(try await store.lastChoice(of: meter) == midsummer + .days(1))
            #expect(try await store.prune(meter, keeping: 30) == 0)
            #expect(try await store.prune(meter, keeping: 1) == 1)
            #expect(try await store.latest(of: meter) == second)
        }
    }

    @Test func `writers at the same time get versions of their own`() async throws {
        try await withMeter("versions") { pool, meter in
            let store = ForecastModelStore(pool)
            let versions = try await withThrowingTaskGroup(of: Int64.self) { group in
                for index in 0..<6 {
                    group.addTask { try await store.save(model(meter, #"{"a":\#(index)}"#)).version }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(versions.sorted() == [1, 2, 3, 4, 5, 6])
        }
    }

    @Test func `a forecast outlives the model that made it`() async throws {
        try await withMeter("outlives") { pool, meter in
            let models = ForecastModelStore(pool)
            let forecasts = ForecastStore(pool)
            let window = TimeWindow(start: midsummer, duration: .hours(2))
            func forecast(_ madeAt: Instant, _ mean: Double) -> LoadForecast {
                LoadForecast(
                    meter: meter, model: "x", madeAt: madeAt,
                    intervals: window.intervals(every: .hours(1)).map {
                        .init(
                            window: $0, mean: WattHours(mean), standardError: WattHours(1), lower80: WattHours(mean),
                            upper80: WattHours(mean), lower95: WattHours(mean), upper95: WattHours(mean))
                    })
            }
            let first = try await models.save(model(meter, "{}"))
            try await forecasts.save(forecast(midsummer - .days(1), 1), model: first.id)
            try await forecasts.save(forecast(midsummer + .hours(1), 2), model: first.id)
            // The second interval was forecast again before it began, the first one was not.
            let expected = try await forecasts.expectations(of: meter, in: window)
            #expect(expected.map(\.interval.mean.value) == [1, 2])
            _ = try await models.save(model(meter, #"{"b":1}"#))
            try await models.prune(meter, keeping: 1)
            #expect(try await forecasts.latest(of: meter) == forecast(midsummer + .hours(1), 2))
        }
    }

    @Test func `a drift alarm is opened once and ended once`() async throws {
        try await withMeter("drifts") { pool, meter in
            let store = ForecastModelStore(pool)
            let drift = ForecastModelStore.Drift(
                meter: meter, detectedAt: midsummer, days: 3, error: WattHours(9), limit: WattHours(4))
            #expect(try await store.open(drift, model: nil))
            let again = try await store.open(drift, model: nil)
            #expect(!again)
            #expect(try await store.driftingMeters() == 1)
            #expect(try await store.drift(of: meter) == drift)
            #expect(try await store.end(meter, at: midsummer + .days(1)))
            let endedAgain = try await store.end(meter, at: midsummer + .days(2))
            #expect(!endedAgain)
            #expect(try await store.drift(of: meter)?.endedAt == midsummer + .days(1))
            #expect(try await store.driftingMeters() == 0)
        }
    }

    @Test func `a meter has one holder at a time, until it is given back or its time is over`() async throws {
        try await withMeter("claims") { pool, meter in
            let claims = ForecastClaimStore(pool)
            let end = midsummer + .minutes(10)
            let won = try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<8 {
                    group.addTask { try await claims.claim(meter, for: "p\(index)", at: midsummer, until: end) }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(won == 1)
            for index in 0..<8 { try await claims.release(meter, by: "p\(index)") }
            #expect(try await claims.claim(meter, for: "a", at: midsummer, until: end))
            try await claims.release(meter, by: "b")
            let taken = try await claims.claim(meter, for: "b", at: end - .seconds(1), until: end + .minutes(10))
            #expect(!taken)
            // Who has it may have it longer.
            #expect(try await claims.claim(meter, for: "a", at: midsummer, until: end + .minutes(1)))
            let early = try await claims.claim(meter, for: "b", at: end, until: end + .minutes(10))
            #expect(!early)
            #expect(try await claims.claim(meter, for: "b", at: end + .minutes(1), until: end + .minutes(20)))
        }
    }
}
