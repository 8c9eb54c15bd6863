/// What becomes of a plan on the day: the site with the load and the sun that came carries it out.
///
/// Flexible loads run as planned. Where the plan buys nothing the battery follows the load, so that an error of the
/// forecast is not bought; elsewhere it does what was planned, as far as it can. While the grid is away it carries what is
/// left on, and zones drop, the last first, when it cannot. The same plant counts every policy, so what differs is the
/// policy.
public struct SiteSimulation: Sendable {
    private let site: Site

    /// - Parameter site: with the series that came.
    public init(_ site: Site) {
        self.site = site
    }

    /// - Parameter expected: the site as it was expected when the schedule was made.
    public func run(_ plan: SiteSchedule, expected: Site) -> SiteSchedule {
        var result = plan
        var content = site.battery?.start ?? 0
        var lost: [SiteSchedule.Slack] = []
        for step in 0..<site.stepCount {
            var load = site.base[step] + plan.flexible[step]
            for (place, zone) in site.zones.enumerated() where plan.dropped[place][step] {
                load -= zone.share * site.base[step]
            }
            let grid = site.outage[step] ? 0 : site.gridPower
            let (charge, discharge) = battery(step, plan, load - site.solar[step], content, grid)
            content += (site.battery?.chargeEfficiency ?? 0) * charge * site.hours
            content -= discharge * site.hours / (site.battery?.dischargeEfficiency ?? 1)
            content = max(content, site.battery?.floor ?? 0)
            var net = load - site.solar[step] + charge - discharge
            for (place, zone) in site.zones.enumerated().reversed()
            where net > grid + 1e-9 && !result.dropped[place][step] {
                result.dropped[place][step] = true
                net -= zone.share * site.base[step]
            }
            if net > grid + 1e-6 {
                lost.append(.init(name: "power: kW missing in step \(step)", amount: net - grid))
            }
            result.charge[step] = charge
            result.discharge[step] = discharge
            result.stored[step] = content
            result.imports[step] = min(max(0, net), grid)
            result.exports[step] = site.exportPrice[step] > 0 ? min(max(0, -net), grid) : 0
        }
        if let battery = site.battery, content < battery.endFloor - 1e-6 {
            lost.append(.init(name: "battery: kWh missing at the end", amount: battery.endFloor - content))
        }
        result.slacks = plan.slacks.filter { !$0.name.hasPrefix("power") && !$0.name.hasPrefix("battery") } + lost
        // What the flexible loads' starts cost is the plan's; all else is counted anew.
        result.cost = result.charged(site) + plan.cost - plan.charged(expected)
        result.bound = nil
        return result
    }

    /// Charge and discharge of a step, kW.
    private func battery(
        _ step: Int, _ plan: SiteSchedule, _ net: Double, _ content: Double, _ grid: Double
    ) -> (Double, Double) {
        guard let battery = site.battery else { return (0, 0) }
        let room = max(0, battery.capacity - content) / (battery.chargeEfficiency * site.hours)
        let left = max(0, content - battery.floor) * battery.dischargeEfficiency / site.hours
        var wish = plan.charge[step] - plan.discharge[step]
        if grid == 0 || plan.imports[step] < 1e-6 {
            wish = plan.exports[step] > 1e-6 && grid > 0 ? min(wish, -net) : -net
        }
        // Never beyond what the meter takes.
        if grid > 0 { wish = min(max(wish, -net - grid), grid - net) }
        if wish >= 0 { return (min(wish, battery.chargePower, room), 0) }
        return (0, min(-wish, battery.dischargePower, left))
    }
}

extension SiteSchedule {
    /// What a schedule is charged with on a site, but for the starts of flexible loads and the slacks.
    func charged(_ site: Site) -> Double {
        var cost = site.demandPrice * peak
        for step in 0..<site.stepCount {
            var price = site.importPrice[step] * imports[step] - site.exportPrice[step] * exports[step]
            if let battery = site.battery {
                price += battery.wear * (charge[step] + discharge[step])
                price += site.reservePrice * max(0, min(site.reserve[step], battery.capacity) - stored[step])
            }
            for (place, zone) in site.zones.enumerated() where dropped[place][step] {
                price += zone.lostLoadValue * zone.share * site.base[step]
            }
            cost += price * site.hours
        }
        if let battery = site.battery { cost -= battery.endValue * (stored.last ?? battery.start) }
        return cost
    }
}
