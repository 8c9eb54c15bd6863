import DemandResponse
import MariaDB
import Measures
import Persistence
import Testing

@Suite struct PlanningStoreTests {
    private let step = TimeSpan.minutes(15)

    @Test func `forecasts come back, the newest first`() async throws {
        try await withDatabase("forecasts") { pool in
            _ = try await AccountStore(pool).establishDistributor(named: "Grid")
            let meter = try await MeterStore(pool).create(.init(name: "m", zone: "UTC", step: step))
            let store = ForecastStore(pool)
            let window = TimeWindow(start: midsummer, duration: .days(1))
            func forecast(_ madeAt: Instant, _ scale: Double) -> LoadForecast {
                LoadForecast(
                    meter: meter, model: "ARIMA(1,0,1)(0,1,1)[96]", madeAt: madeAt,
                    intervals: window.intervals(every: step).enumerated().map { index, window in
                        let mean = Double(index) * scale
                        return .init(
                            window: window, mean: WattHours(mean), standardError: WattHours(2),
                            lower80: WattHours(mean - 2.5), upper80: WattHours(mean + 2.5),
                            lower95: WattHours(mean - 4), upper95: WattHours(mean + 4))
                    })
            }
            let early = forecast(midsummer - .days(2), 1.1)
            let late = forecast(midsummer - .days(1), 0.1)
            try await store.save(late)
            try await store.save(early)
            try await store.save(late)
            #expect(try await store.latest(of: meter, for: window) == late)
            let after = TimeWindow(start: window.end, duration: .days(1))
            let none = try await store.latest(of: meter, for: after)
            #expect(none == nil)
            #expect(try await pool.number("SELECT COUNT(*) FROM forecast_intervals") == 192)
        }
    }

    @Test func `a plan keeps its calls and the event that it became`() async throws {
        try await withDatabase("plans") { pool in
            let request = try DispatchRequest(
                window: TimeWindow(start: midsummer, duration: .hours(1)), step: step, reduction: .kilowatts(5),
                decidedAt: midsummer - .days(1))
            let resources = try (1...3).map { index in
                try DispatchResource(
                    name: ResourceName("site \(index)"), capacity: [Watts](repeating: .kilowatts(4), count: 4),
                    standardError: [Watts](repeating: Watts(100), count: 4), optInProbability: 0.95,
                    energyPrice: EnergyPrice(micros: 250_000, currency: .usd),
                    callCost: Money(minorUnits: 100, currency: .usd), levels: [0.5, 1], limits: .init())
            }
            let decision = try await DispatchPlanner().plan(request, resources: resources)
            guard case .plan(let plan) = decision else { throw TestFailure("\(decision)") }
            let store = PlanStore(pool)
            let id = try await store.save(plan)
            try await store.link(id, to: ProgramEventID("event-1"))
            let calls = try await store.calls(of: ProgramEventID("event-1"))
            #expect(calls.map(\.resource) == plan.calls.map(\.resource))
            #expect(calls.map(\.window) == plan.calls.map(\.window))
            #expect(calls.map(\.expected) == plan.calls.map(\.expected))
            #expect(try await pool.number("SELECT COUNT(*) FROM dispatch_plan_intervals") == 4)
            #expect(try await pool.number("SELECT cost FROM dispatch_plans") == plan.cost.minorUnits)
        }
    }
}
