extension SiteSchedule {
    /// The schedule of the dynamic program: flexible loads run as the naive policy runs them, the battery is planned. Nil
    /// without a battery.
    public static func storageOnly(_ site: Site, points: Int = 201) -> SiteSchedule? {
        let naive = NaivePolicy(site).schedule()
        var fixed = site
        for step in 0..<site.stepCount { fixed.base[step] += naive.flexible[step] }
        fixed.zones = []
        guard let battery = site.battery, let program = StorageProgram(fixed, points: points).solve() else {
            return nil
        }
        var plan = naive
        var before = battery.start
        for (step, after) in program.stored.enumerated() {
            let change = after - before
            plan.charge[step] = max(0, change) / (battery.chargeEfficiency * site.hours)
            plan.discharge[step] = max(0, -change) * battery.dischargeEfficiency / site.hours
            let net = fixed.base[step] - site.solar[step] + plan.charge[step] - plan.discharge[step]
            plan.imports[step] = site.outage[step] ? 0 : min(max(0, net), site.gridPower)
            plan.exports[step] =
                site.outage[step] || site.exportPrice[step] <= 0 ? 0 : min(max(0, -net), site.gridPower)
            plan.stored[step] = after
            before = after
        }
        plan.dropped = site.zones.map { _ in [Bool](repeating: false, count: site.stepCount) }
        plan.slacks = naive.slacks.filter { !$0.name.hasPrefix("power") && !$0.name.hasPrefix("battery") }
        plan.status = .fallback("the dynamic program")
        plan.cost = plan.charged(site) + naive.cost - naive.charged(site)
        return SiteSimulation(site).run(plan, expected: site)
    }
}
