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
            var resource = DispatchProblem.Resource(
                name: ResourceName("site 1"), capacity: [4, 4, 4, 4], standardError: [0.1, 0.1, 0.1, 0.1])
            resource.optIn = 0.8
            resource.energyPrice = 0.5
            var problem = DispatchProblem(
                decidedAt: midsummer - .days(1), start: midsummer, step: step, target: [3, 3, 3, 3], callable: 0..<4,
                shortfallPrice: 10, reboundLimit: [nil, nil, nil, nil],
                feeders: [DispatchProblem.withoutLimits("all", 4)], resources: [resource])
            problem.deliveryProbability = 0.7
            let plan = try await PortfolioPlanner(clock: { 0 }).plan(problem)
            let store = PlanStore(pool)
            let id = try await store.save(
                .init(
                    problem: problem, plan: plan, solver: "test", inputs: [UInt8](repeating: 1, count: 32),
                    outcome: [UInt8](repeating: 2, count: 32), text: "{}"))
            try await store.link(id, to: ProgramEventID("event-1"))
            let calls = try await store.calls(of: ProgramEventID("event-1"))
            #expect(calls.map(\.resource) == [resource.name])
            #expect(calls.map(\.window) == [problem.window(0..<4)])
            #expect(calls.map(\.expected) == [[3_200, 3_200, 3_200, 3_200].map { Watts($0) }])
            #expect(try await pool.number("SELECT COUNT(*) FROM dispatch_plan_intervals") == 4)
            #expect(try await pool.number("SELECT cost FROM dispatch_plans") == 160)
            #expect(try await store.record(id)?.event == ProgramEventID("event-1"))
        }
    }
}
