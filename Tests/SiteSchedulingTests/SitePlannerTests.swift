import Optimization
import SiteScheduling
import Testing

@Suite struct SitePlannerTests {
    @Test(.enabled(if: ReferenceWeek.folder != nil))
    func `the reference day costs what the reference says, and less than the naive policy`() async throws {
        let site = try #require(try ReferenceWeek.site(.day15))
        let planner = SitePlanner(limits: SolveLimits(seconds: 120, gap: 0.0005))
        let schedule = await planner.schedule(site)
        print("day15: \(schedule.cost), bound \(schedule.bound ?? 0), \(schedule.status)")
        #expect(abs(schedule.cost - 5.8628) < 0.004)
        #expect(schedule.slacks == [])
        #expect(SiteCheck(site).problems(schedule) == [])
        let naive = NaivePolicy(site).schedule()
        #expect(naive.cost > schedule.cost)
    }

    /// Half a minute of CBC and more, so only where `CURTAIL_LONG` asks for it.
    @Test(
        .enabled(if: ReferenceWeek.folder != nil && ReferenceWeek.isLong),
        arguments: [ReferenceWeek.Kind.day5, .week15])
    func `the finer day and the week cost at most what the reference allows`(_ kind: ReferenceWeek.Kind) async throws {
        let site = try #require(try ReferenceWeek.site(kind))
        let schedule = await SitePlanner(limits: SolveLimits(seconds: 400, gap: 0.01)).schedule(site)
        let naive = NaivePolicy(site).schedule()
        print("\(kind): \(schedule.cost), bound \(schedule.bound ?? 0), \(schedule.status); naive \(naive.cost)")
        #expect(schedule.cost <= (kind == .day5 ? 5.95 : 25.3))
        #expect(schedule.slacks == [])
        #expect(SiteCheck(site).problems(schedule) == [])
    }

    @Test func `with a battery only the dynamic program agrees with the model`() async throws {
        var state: UInt64 = 9
        func random(_ range: ClosedRange<Double>) -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return range.lowerBound + Double(state >> 11) * 0x1p-53 * (range.upperBound - range.lowerBound)
        }
        for _ in 0..<3 {
            let count = 12
            let site = try Site(
                hours: 0.5, base: (0..<count).map { _ in random(0...4) }, solar: (0..<count).map { _ in random(0...4) },
                importPrice: (0..<count).map { _ in random(0.1...0.6) },
                exportPrice: (0..<count).map { _ in random(0...0.3) }, gridPower: 20,
                battery: Site.Battery(
                    capacity: 10, floor: 1, start: 5, chargePower: 4, dischargePower: 4, wear: 0.01, endValue: 0.2))
            let schedule = await SitePlanner(limits: SolveLimits(gap: 0)).schedule(site)
            let program = try #require(StorageProgram(site, points: 181).solve())
            #expect(schedule.status == .proven)
            #expect(program.cost >= schedule.cost - 1e-6)
            #expect(program.cost <= schedule.cost + 0.05)
            #expect(SiteCheck(site).problems(schedule) == [])
        }
    }

    @Test func `what cannot be done has a name and an amount`() async throws {
        let site = try Site(
            hours: 1, base: [1, 1], solar: [0, 0], importPrice: [0.2, 0.2], exportPrice: [0, 0], gridPower: 4,
            energyLoads: [Site.EnergyLoad(name: "vehicle", windows: [[0]], energy: 10, mostPower: 7)])
        let schedule = await SitePlanner().schedule(site)
        let slack = try #require(schedule.slacks.first)
        #expect(schedule.slacks.count == 1)
        #expect(slack.name == "vehicle: kWh missing in window 1")
        #expect(abs(slack.amount - 7) < 1e-6)
    }

    @Test func `in an outage the cheapest zones are dropped first`() async throws {
        let site = try Site(
            hours: 1, base: [2], solar: [1], importPrice: [0.2], exportPrice: [0], outage: [true], gridPower: 9,
            zones: [
                Site.Zone(name: "critical", share: 0.5, lostLoadValue: 50),
                Site.Zone(name: "rest", share: 0.5, lostLoadValue: 1),
            ])
        let schedule = await SitePlanner().schedule(site)
        #expect(schedule.dropped == [[false], [true]])
        #expect(abs(schedule.cost - 1) < 1e-6)
        #expect(schedule.imports == [0])
    }

    @Test func `without a solver's answer the naive policy steps in and says so`() async throws {
        struct Broken: LinearSolver {
            func solve(_ model: LinearModel, limits: SolveLimits) async -> SolveOutcome { .noIncumbent }
        }
        let site = try Site(
            hours: 1, base: [1], solar: [0], importPrice: [0.25], exportPrice: [0], gridPower: 4)
        let schedule = await SitePlanner(solver: Broken()).schedule(site)
        #expect(schedule.cost == 0.25)
        guard case .fallback = schedule.status else {
            Issue.record("not a fallback")
            return
        }
    }

    @Test func `senseless sites are refused`() {
        #expect(throws: SiteError.lengths) {
            try Site(hours: 1, base: [1], solar: [], importPrice: [1], exportPrice: [1], gridPower: 1)
        }
        #expect(throws: SiteError.numbers) {
            try Site(hours: 1, base: [.nan], solar: [0], importPrice: [1], exportPrice: [1], gridPower: 1)
        }
        #expect(throws: SiteError.battery) {
            try Site(
                hours: 1, base: [1], solar: [0], importPrice: [1], exportPrice: [1], gridPower: 1,
                battery: Site.Battery(capacity: 5, start: 9, chargePower: 1, dischargePower: 1))
        }
    }
}

/// Looks at a schedule again, in its own words: balance, battery, meter, outage.
struct SiteCheck {
    let site: Site

    init(_ site: Site) {
        self.site = site
    }

    func problems(_ schedule: SiteSchedule) -> [String] {
        var problems: [String] = []
        var content = site.battery?.start ?? 0
        for step in 0..<site.stepCount {
            var load = site.base[step] + schedule.flexible[step]
            for (zone, dropped) in zip(site.zones, schedule.dropped) where dropped[step] {
                load -= zone.share * site.base[step]
                if !site.outage[step] { problems.append("\(zone.name) dropped without an outage in \(step)") }
            }
            // What is left over of the sun may stay unused, nothing else may.
            let spare = site.solar[step] + schedule.imports[step] + schedule.discharge[step] - load
            let unused = spare - schedule.exports[step] - schedule.charge[step]
            if unused < -1e-5 || unused > site.solar[step] + 1e-5 { problems.append("balance of \(step)") }
            let most = site.outage[step] ? 0 : site.gridPower
            if schedule.imports[step] > most + 1e-6 || schedule.exports[step] > most + 1e-6 {
                problems.append("meter in \(step)")
            }
            if min(schedule.imports[step], schedule.exports[step]) > 1e-6 { problems.append("both ways in \(step)") }
            guard let battery = site.battery else { continue }
            if min(schedule.charge[step], schedule.discharge[step]) > 1e-6 { problems.append("circle in \(step)") }
            content += battery.chargeEfficiency * schedule.charge[step] * site.hours
            content -= schedule.discharge[step] * site.hours / battery.dischargeEfficiency
            if abs(content - schedule.stored[step]) > 1e-4 { problems.append("content of \(step)") }
            if content < battery.floor - 1e-4 || content > battery.capacity + 1e-4 {
                problems.append("range in \(step)")
            }
        }
        return problems
    }
}
