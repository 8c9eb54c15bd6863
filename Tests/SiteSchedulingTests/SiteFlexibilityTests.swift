import Optimization
import SiteScheduling
import Testing

@Suite struct SiteFlexibilityTests {
    /// Six hours of 2 kW with a battery that is full, and a vehicle that can wait.
    private func site(battery: Double, vehicle: Bool) throws -> Site {
        try Site(
            hours: 1, base: [2, 2, 2, 2, 2, 2], solar: [0, 0, 0, 0, 0, 0], importPrice: [0.2, 0.2, 0.2, 0.2, 0.2, 0.2],
            exportPrice: [0.05, 0.05, 0.05, 0.05, 0.05, 0.05], gridPower: 20,
            battery: battery > 0
                ? Site.Battery(
                    capacity: battery, start: battery, chargePower: 4, dischargePower: 4, chargeEfficiency: 1,
                    dischargeEfficiency: 1, endValue: 0.2) : nil,
            energyLoads: vehicle
                ? [Site.EnergyLoad(name: "vehicle", windows: [Array(0..<6)], energy: 6, mostPower: 3)] : [])
    }

    private let planner = SitePlanner(limits: SolveLimits(seconds: 60, gap: 0))

    @Test func `a battery gives its power, as long as its energy lasts`() async throws {
        let short = await SiteFlexibility(try site(battery: 4, vehicle: false), during: 2..<3, planner: planner)
        #expect(abs(short.shed[0] - 4) < 1e-6)
        let long = await SiteFlexibility(try site(battery: 4, vehicle: false), during: 1..<3, planner: planner)
        #expect(abs(long.shed.reduce(0, +) - 4) < 1e-6)
        #expect(long.called.cost >= long.normal.cost - 1e-9)
    }

    @Test func `a load that can wait is taken out of the time, and comes back`() async throws {
        var site = try site(battery: 0, vehicle: true)
        // It would charge just then.
        site.importPrice = [0.3, 0.3, 0.1, 0.1, 0.3, 0.3]
        let flexibility = await SiteFlexibility(site, during: 2..<4, planner: planner)
        #expect(flexibility.shed.allSatisfy { abs($0 - 3) < 1e-6 })
        #expect(flexibility.rebound.count == 2)
    }

    @Test func `a site without anything flexible has nothing to give`() async throws {
        let flexibility = await SiteFlexibility(try site(battery: 0, vehicle: false), during: 0..<6, planner: planner)
        #expect(flexibility.shed == [0, 0, 0, 0, 0, 0] && flexibility.rebound.isEmpty)
    }
}
