/// What most sites do: surplus charges the battery, deficit discharges it to its floor and then comes from the grid;
/// flexible loads run as soon as they may; while the grid is away, zones drop as the battery gets empty. The fallback at
/// a deadline, and what every plan is compared with.
public struct NaivePolicy: Sendable {
    private let site: Site

    /// The shares of the capacity under which a zone is dropped in an outage: the last zones first.
    private static let lastZoneShare = 0.2
    private static let otherZonesShare = 0.1

    public init(_ site: Site) {
        self.site = site
    }

    public func schedule(reason: String = "the naive policy") -> SiteSchedule {
        let count = site.stepCount
        let zero = [Double](repeating: 0, count: count)
        var schedule = SiteSchedule(
            imports: zero, exports: zero, charge: zero, discharge: zero, stored: zero, flexible: zero,
            dropped: site.zones.map { _ in [Bool](repeating: false, count: count) }, slacks: [], cost: 0, bound: nil,
            status: .fallback(reason))
        var extra = 0.0
        var missing: [SiteSchedule.Slack] = []
        for load in site.energyLoads { extra += run(load, &schedule.flexible, &missing) }
        for job in site.jobs {
            for starts in job.starts {
                guard let start = starts.first else { continue }
                for step in start..<(start + job.length) { schedule.flexible[step] += job.power }
            }
        }
        for load in site.switchedLoads {
            for window in load.windows {
                for step in window.prefix(load.steps) { schedule.flexible[step] += load.power }
                extra += load.startCost
            }
        }
        var content = site.battery?.start ?? 0
        var cost = extra
        for step in 0..<count { cost += take(step, &content, &schedule, &missing) }
        cost += site.demandPrice * schedule.peak
        if let battery = site.battery {
            cost -= battery.endValue * content
            if content < battery.endFloor {
                missing.append(.init(name: "battery: kWh missing at the end", amount: battery.endFloor - content))
            }
        }
        schedule.cost = cost
        schedule.slacks = missing
        return schedule
    }

    /// As soon and as strongly as it may.
    private func run(
        _ load: Site.EnergyLoad, _ flexible: inout [Double], _ missing: inout [SiteSchedule.Slack]
    ) -> Double {
        var cost = 0.0
        for (number, window) in load.windows.enumerated() {
            var left = load.energy
            for step in window where left > 1e-9 {
                let power = max(min(load.mostPower, left / site.hours), load.leastPower)
                flexible[step] += power
                left -= power * site.hours
                cost += load.stepCost
            }
            if left > 1e-6 {
                missing.append(.init(name: "\(load.name): kWh missing in window \(number + 1)", amount: left))
            }
        }
        return cost
    }

    /// One step: returns what it costs.
    private func take(
        _ step: Int, _ content: inout Double, _ schedule: inout SiteSchedule, _ missing: inout [SiteSchedule.Slack]
    ) -> Double {
        var load = site.base[step] + schedule.flexible[step] - site.solar[step]
        var cost = 0.0
        if site.outage[step] {
            for (place, zone) in site.zones.enumerated().reversed() where place > 0 {
                let isLast = place == site.zones.count - 1
                let share = isLast ? Self.lastZoneShare : Self.otherZonesShare
                guard load > 0, let battery = site.battery, content < share * battery.capacity else { continue }
                schedule.dropped[place][step] = true
                load -= zone.share * site.base[step]
                cost += zone.lostLoadValue * zone.share * site.base[step] * site.hours
            }
        }
        if let battery = site.battery {
            if load < 0 {
                let room = (battery.capacity - content) / (battery.chargeEfficiency * site.hours)
                schedule.charge[step] = min(-load, battery.chargePower, max(0, room))
            } else {
                let left = (content - battery.floor) * battery.dischargeEfficiency / site.hours
                schedule.discharge[step] = min(load, battery.dischargePower, max(0, left))
            }
            content += battery.chargeEfficiency * schedule.charge[step] * site.hours
            content -= schedule.discharge[step] * site.hours / battery.dischargeEfficiency
            load += schedule.charge[step] - schedule.discharge[step]
            cost += battery.wear * (schedule.charge[step] + schedule.discharge[step]) * site.hours
            cost += site.reservePrice * max(0, min(site.reserve[step], battery.capacity) - content) * site.hours
        }
        schedule.stored[step] = content
        let most = site.outage[step] ? 0 : site.gridPower
        if load > 0 {
            schedule.imports[step] = min(load, most)
            if load > most + 1e-9 { cost += lose(load - most, step, &schedule, &missing) }
        } else if site.exportPrice[step] > 0 {
            schedule.exports[step] = min(-load, most)
        }
        cost +=
            (site.importPrice[step] * schedule.imports[step] - site.exportPrice[step] * schedule.exports[step])
            * site.hours
        return cost
    }

    /// Drops the remaining zones for power that is not there.
    private func lose(
        _ power: Double, _ step: Int, _ schedule: inout SiteSchedule, _ missing: inout [SiteSchedule.Slack]
    ) -> Double {
        var left = power
        var cost = 0.0
        for (place, zone) in site.zones.enumerated().reversed() where left > 1e-9 && !schedule.dropped[place][step] {
            schedule.dropped[place][step] = true
            left -= zone.share * site.base[step]
            cost += zone.lostLoadValue * zone.share * site.base[step] * site.hours
        }
        if left > 1e-6 { missing.append(.init(name: "power: kW missing in step \(step)", amount: left)) }
        return cost
    }
}
