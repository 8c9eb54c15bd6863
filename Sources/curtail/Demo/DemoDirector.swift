import Credentials
import DemandResponse
import LocalServices
import Measures
import MutualTLS
import OpenADR
import Persistence
import VirtualTopNode

/// The operator of the demo: forecasts, plans, calls the event, waits for its end, settles.
struct DemoDirector: Sendable {
    let stage: DemoStage
    let roster: DemoRoster
    let watch: DemoWatch

    private var console: Console { stage.console }
    private var scenario: DemoScenario { stage.cast.scenario }
    private var event: ProgramEventID { ProgramEventID(roster.eventID.rawValue) }
    private static let marketContext = MarketContext("http://curtail.example/programmes/summer-peak")

    /// How long the demo waits, of the wall clock, for VENs that should have spoken.
    private static let patience = Duration.seconds(90)

    func direct(
        _ fleet: DemoFleet, clients: [IssuedCertificate], deliver: @escaping @Sendable (DemoReport) throws -> Void
    ) async throws {
        try await saveOutlook()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for (index, member) in roster.members.enumerated() {
                let identity = try TLSIdentity(
                    chainPEM: clients[index].chainPEM, privateKeyPEM: clients[index].privateKeyPEM)
                group.addTask {
                    try await fleet.run(member, identity: identity, index: index)
                    return false
                }
            }
            group.addTask {
                let report = try await operate()
                try deliver(report)
                if stage.options.keepRunning {
                    sayHowToLook()
                    stage.clock.setRate(1)
                    try await DemoPortal(stage: stage, roster: roster).run()
                }
                return true
            }
            // A VEN that fails ends the demo with its own reason.
            for try await isOperator in group where isOperator { break }
            group.cancelAll()
        }
    }

    private func sayHowToLook() {
        let folder = stage.options.services.stateDirectory
        console.remark("VTN and VENs go on until Ctrl-C; every message is in \(folder)/demo.log")
        if let local = stage.runtime.local {
            console.remark("the database: mariadb --socket=\(local.databaseSocket) curtail")
        }
    }

    // MARK: Before the event

    /// Keeps forecasts and plan, which were made from the readings that the database holds by now.
    private func saveOutlook() async throws {
        let store = ForecastStore(stage.runtime.pool)
        for (member, forecast) in zip(roster.members, stage.outlook.forecasts) {
            let intervals = forecast.steps.map { step in
                LoadForecast.Interval(
                    window: TimeWindow(start: step.start, duration: member.site.step), mean: step.mean,
                    standardError: step.standardError, lower80: step.interval80.lower,
                    upper80: step.interval80.upper, lower95: step.interval95.lower, upper95: step.interval95.upper)
            }
            try await store.save(
                LoadForecast(
                    meter: member.meter, model: forecast.model, madeAt: scenario.clockStart, intervals: intervals))
        }
        let plans = PlanStore(stage.runtime.pool)
        let plan = PlanStore.PlanID(rawValue: try await stage.outlook.record.keep(stage.runtime.pool))
        try await plans.link(plan, to: event)
    }

    // MARK: The event

    private func operate() async throws -> DemoReport {
        try await registration()
        let called = try await issue()
        try await followEvent()
        return try await settle(called)
    }

    private func registration() async throws {
        console.begin("registering VENs over mutual TLS")
        // Slowly, but not held: a VEN that has to try again waits on this clock.
        stage.clock.setRate(1)
        let store = MariaDBTopNodeStore(stage.runtime.pool)
        let members = roster.members
        try await wait(for: "every VEN to register and to accept its telemetry request") {
            let ready = try await store.transaction { transaction in
                var ready = 0
                for member in members {
                    let requests = try await transaction.reportRequests(of: member.venID)
                    if requests.contains(where: { $0.state == .accepted }) { ready += 1 }
                }
                return ready
            }
            console.progress(ready, of: members.count)
            return ready == members.count
        }
        console.finish("\(watch.counts.certificates) client certificates seen")
    }

    private var settlement: DemoSettlement {
        DemoSettlement(
            pool: stage.runtime.pool, desk: SettlementDesk(stage.runtime.pool, .ofThisMachine(threads: nil)),
            scenario: scenario, roster: roster)
    }

    /// Publishes terms and event, and returns the meters that were called.
    private func issue() async throws -> Set<MeterID> {
        console.begin("calling the event")
        try await settlement.publish(marketContext: Self.marketContext.rawValue, at: stage.clock.now())
        var called: Set<MeterID> = []
        var participants: [ParticipantPlan] = []
        for member in roster.members {
            let name = ResourceName(member.site.name)
            guard let call = stage.outlook.record.plan.call(of: name) else { continue }
            let values = DemoPlan.changes(call, steps: scenario.steps.count)
            guard values.contains(where: { $0 < 0 }), let signal = ProgrammedSignal(.loadDispatchDelta, values: values)
            else { continue }
            participants.append(ParticipantPlan(venID: member.venID, signals: [signal]))
            called.insert(member.meter)
        }
        guard
            let terms = EventTerms(
                marketContext: Self.marketContext, start: scenario.window.start, steps: scenario.steps.map(\.duration),
                notification: scenario.window.start - scenario.clockStart, priority: 1)
        else { throw CommandFailure("The event has no steps.", hint: "report this as a defect") }
        try await stage.topNode.issue(
            roster.eventID, terms: terms, participants: participants, now: stage.clock.now())
        return called
    }

    /// Lets the clock run through the event: quickly before it, at the chosen speed during it.
    private func followEvent() async throws {
        let clock = stage.clock
        clock.setRate(max(stage.options.speed, 600))
        try await pass(until: scenario.window.start - .minutes(10))
        // Whatever the machine's load: nobody misses the start because the clock ran ahead of the network.
        clock.setRate(4)
        let store = MariaDBTopNodeStore(stage.runtime.pool)
        try await wait(for: "every called VEN to answer") {
            let opts = try await store.transaction { try await $0.participations(in: roster.eventID).map(\.opt.type) }
            console.progress(opts.count { $0 != nil }, of: opts.count)
            return opts.allSatisfy { $0 != nil }
        }
        clock.setRate(stage.options.speed)
        try await pass(until: scenario.window.end)
        let readings = ReadingStore(stage.runtime.pool)
        try await wait(for: "the last readings of the event") {
            for member in roster.members {
                let stored = try await readings.readings(of: member.meter, in: scenario.window)
                let expected = scenario.window.duration.seconds / member.site.step.seconds
                let lost = scenario.window.intervals(every: member.site.step)
                    .count { member.site.live($0.start) == nil }
                guard stored.count + lost >= Int(expected) else { return false }
            }
            return true
        }
        clock.setRate(0)
        let opts = try await store.transaction { try await $0.participations(in: roster.eventID).map(\.opt.type) }
        console.finish(
            "\(opts.count { $0 == .optIn }) opted in, \(opts.count { $0 == .optOut }) opted out, all readings are in")
    }

    private func pass(until deadline: Instant) async throws {
        while stage.clock.now() < deadline {
            let (_, time) = scenario.zone.local(stage.clock.now())
            console.note("\(time.seconds / 3_600):\(time.seconds / 60 % 60 < 10 ? "0" : "")\(time.seconds / 60 % 60)")
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Asks again and again, on the wall clock, until `condition` holds.
    private func wait(for what: String, until condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while try await !condition() {
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    "The demo waited in vain for \(what).",
                    hint: "read \(stage.options.services.stateDirectory)/demo.log")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    // MARK: After the event

    private func settle(_ called: Set<MeterID>) async throws -> DemoReport {
        console.begin("settling")
        let pool = stage.runtime.pool
        let opts = try await MariaDBTopNodeStore(pool).transaction {
            try await $0.participations(in: roster.eventID)
        }
        var parts: [MeterID: Participation] = [:]
        for member in roster.members where called.contains(member.meter) {
            parts[member.meter] = opts.first { $0.venID == member.venID }.map { participation($0.opt) }
        }
        let outcomes = try await settlement.settle(now: stage.clock.now())
        let entries = try await LedgerStore(pool, sha256: Runtime.sha256).entries(of: event)
        let shed = try await PredictionStore(pool).shed(in: event)
        console.finish("\(entries.count) entries in the ledger")
        let report = DemoSummary(
            options: stage.options, scenario: scenario, roster: roster, outlook: stage.outlook,
            participation: parts, outcomes: outcomes, entries: entries, shedByReadings: shed,
            certificates: watch.counts.certificates
        ).report
        if let discrepancy = report.discrepancy {
            throw CommandFailure(
                "The demo's books do not agree: \(discrepancy).", hint: "report this as a defect, with --json's output")
        }
        return report
    }

    private func participation(_ opt: OptState) -> Participation {
        guard opt.type != .optIn else { return .optedIn }
        let decided = opt.decidedAt ?? scenario.clockStart
        return decided < scenario.window.start ? .optedOutInTime : .optedOutLate
    }
}
