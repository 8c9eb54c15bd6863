import SiteScheduling
import Testing

@Suite struct OutageReserveTests {
    let reserve = OutageReserve(
        Site.Battery(
            capacity: 10, floor: 1, start: 5, chargePower: 5, dischargePower: 5, chargeEfficiency: 0.9,
            dischargeEfficiency: 0.8), hours: 0.5)

    /// One to ten kWh of load in one hour, without sun.
    var tenLoads: [OutageReserve.Scenario] {
        (1...10).map { .init(load: [Double($0) / 2, Double($0) / 2], solar: [0, 0]) }
    }

    @Test func `what is needed just lasts, and a little less does not`() {
        for load in [[1, 2, 0.5], [0, 0, 3], [4, 1, 1]] {
            for solar in [[0, 0, 0], [3, 0, 0], [0, 2.5, 0]] as [[Double]] {
                let scenario = OutageReserve.Scenario(load: load, solar: solar)
                let need = reserve.need(scenario)
                #expect(reserve.sustained(need, scenario) == 1.5)
                if need > 1.01 { #expect(reserve.sustained(need - 0.01, scenario) < 1.5) }
            }
        }
    }

    @Test func `the newsvendor's quantile is held`() {
        // 1 - 0.2 / (0.02 * 50) = 0.8: the eighth of ten needs, 1 + 4 / 0.8 = 6 kWh.
        let advice = reserve.advice(tenLoads, hazard: 0.02, lostLoadValue: 50, holdingCost: 0.2)
        #expect(abs(advice.quantile - 0.8) < 1e-12)
        #expect(abs(advice.stored - 6) < 1e-9)
        #expect(
            reserve.sentence(advice, hazard: 0.02, lostLoadValue: 50, holdingCost: 0.2)
                == "Set your reserve to 60 %: with 0.02 outages a day and 50.0 for each kWh that is missed, it is worth to "
                + "carry 80 % of the outages through.")
    }

    @Test func `nothing is held where it does not pay`() {
        let advice = reserve.advice(tenLoads, hazard: 0.02, lostLoadValue: 5, holdingCost: 0.2)
        #expect(advice.quantile == 0 && advice.stored == 1)
    }

    @Test func `sustain times are quantiles of exact runs`() throws {
        let scenarios = (1...10).map {
            OutageReserve.Scenario(
                load: [Double](repeating: Double($0) / 2, count: 40), solar: [Double](repeating: 0, count: 40))
        }
        let times = try #require(reserve.sustainTime(5, scenarios))
        // 4 kWh over the floor give 3.2 kWh: 3.2 / 5 h for the largest load, 3.2 / 0.5 h for the smallest.
        #expect(abs(times.p10 - 0.64) < 1e-9)
        #expect(abs(times.p50 - 3.2 / 3) < 1e-9)
        #expect(abs(times.p90 - 3.2) < 1e-9)
        #expect(reserve.sustainTime(5, []) == nil)
    }
}
