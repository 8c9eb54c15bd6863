import DemandResponse
import MariaDB
import Measures
import OpenADR
import Persistence

/// The demo's programme and its settlement, which the same desk does that settles every other event.
struct DemoSettlement: Sendable {
    /// What one site came to.
    struct Outcome: Sendable {
        /// Nil where the readings allow none.
        let baseline: WattHours?
        let actual: WattHours?
        /// Nil for a site that was not called.
        let settled: EventSettlement.Site?
    }

    let pool: MariaDBPool
    let desk: SettlementDesk
    let scenario: DemoScenario
    let roster: DemoRoster

    private static let rules = [BaselineRule.caiso10of10, .caiso10of10Unadjusted]

    /// Publishes the programme's terms, before the event is called: ten-of-ten baseline with same-day adjustment, pay for
    /// energy, nothing for less than none. Every run has a version of its own, as its sites have holidays of their own.
    func publish(marketContext: String, at now: Instant) async throws {
        let programs = ProgramStore(pool)
        let program = try await programs.establish("Summer peak", marketContext: marketContext)
        let run = String(roster.run)
        let holidays = roster.members.reduce(into: Set<CivilDay>()) { $0.formUnion($1.site.holidays) }
        try await programs.publish(
            ProgramTerms(
                program: program, version: "run-" + String(repeating: "0", count: max(0, 6 - run.count)) + run,
                validFrom: scenario.clockStart, baselineRules: Self.rules,
                payment: .energy(
                    ProgramTerms.EnergyPayment(
                        price: EnergyPrice(perKilowattHour: Money(minorUnits: 100, currency: .usd)), floor: .zero,
                        cap: 1.5)),
                options: SettlementOptions(calendarVersion: "demo", holidays: holidays.sorted())),
            at: now)
        let enrolment = EnrolmentStore(pool)
        for member in roster.members {
            for window in member.site.excluded {
                try await enrolment.noteOutage(of: member.meter, window, reason: "left out of the load series")
            }
        }
    }

    /// Settles the event, and looks at what the other sites would have drawn.
    func settle(now: Instant) async throws -> [MeterID: Outcome] {
        let booking = try await desk.settle(ProgramEventID(roster.eventID.rawValue), isFinal: false, now: now)
        if let refused = booking.refused.first {
            let site = roster.members.first { $0.meter == refused.meter }?.site.name ?? "\(refused.meter.rawValue)"
            throw CommandFailure(
                "\(site) cannot be settled: \(refused.refusal.words).", hint: "look at its readings in meter_data")
        }
        let settled = Dictionary(
            booking.settlement.sites.map { ($0.settlement.meter, $0) }, uniquingKeysWith: { first, _ in first })
        var outcomes: [MeterID: Outcome] = [:]
        for member in roster.members {
            let readings = try await CleaningStore(pool).trustedReadings(
                of: member.meter, in: everything(of: member.site))
            outcomes[member.meter] = outcome(member.site, readings, settled[member.meter])
        }
        return outcomes
    }

    private func everything(of site: DemoSite) -> TimeWindow {
        let start = site.history.first?.start ?? scenario.clockStart
        return TimeWindow(start: start, duration: scenario.window.end - start)
    }

    private func outcome(
        _ site: DemoSite, _ readings: [IntervalReading], _ settled: EventSettlement.Site?
    ) -> Outcome {
        let during = readings.filter { scenario.window.contains($0.window) }
        let measured = during.reduce(TimeSpan.zero) { $0 + ($1.energy == nil ? .zero : $1.duration) }
        let actual = during.reduce(WattHours.zero) { $0 + ($1.energy ?? .zero) }
        let baseline = Self.baseline(of: site, readings, scenario)
        return Outcome(
            baseline: baseline.map { $0.intervals.reduce(.zero) { $0 + $1.energy } },
            actual: measured == scenario.window.duration ? actual : nil, settled: settled)
    }

    /// Whether the readings before the event give the site a baseline.
    static func hasBaseline(_ site: DemoSite, _ scenario: DemoScenario) -> Bool {
        baseline(of: site, site.history, scenario) != nil
    }

    private static func baseline(
        of site: DemoSite, _ readings: [IntervalReading], _ scenario: DemoScenario
    ) -> Baseline? {
        let calendar = DayCalendar(
            zone: site.zone, holidays: site.holidays,
            outageDays: Set(site.excluded.map { site.zone.local($0.start).day }))
        guard let history = try? MeterHistory(readings, zone: site.zone) else { return nil }
        let context = BaselineContext(event: scenario.window, history: history, calendar: calendar)
        return rules.lazy.compactMap { try? $0.baseline(context) }.first
    }
}
