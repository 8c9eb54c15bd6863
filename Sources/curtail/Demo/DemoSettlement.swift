import DemandResponse
import MariaDB
import Measures
import Persistence

/// Turns readings into rewards: baselines, settlement, ledger.
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
    let scenario: DemoScenario
    let event: ProgramEventID
    let terms: ProgramTerms

    /// The demo's programme: ten-of-ten baseline with same-day adjustment, pay for energy, nothing for less than none.
    static func terms(_ program: ProgramID, validFrom: Instant) throws -> ProgramTerms {
        try ProgramTerms(
            program: program, version: "1", validFrom: validFrom,
            baselineRules: [.caiso10of10, .caiso10of10Unadjusted],
            payment: .energy(
                ProgramTerms.EnergyPayment(
                    price: EnergyPrice(perKilowattHour: Money(minorUnits: 100, currency: .usd)), floor: .zero, cap: 1.5)
            ))
    }

    /// Whether the readings before the event give the site a baseline.
    static func hasBaseline(_ site: DemoSite, _ scenario: DemoScenario) -> Bool {
        // The number of the programme plays no part in a baseline.
        guard let terms = try? terms(ProgramID(0), validFrom: scenario.clockStart) else { return false }
        return (try? baseline(of: site, site.history, scenario, terms)) != nil
    }

    /// - Parameter participation: of each member that was called, with what was asked of it.
    func settle(
        _ roster: DemoRoster, participation: [MeterID: (opt: Participation, pledge: Watts)], now: Instant
    ) async throws -> [MeterID: Outcome] {
        var computed: [(member: DemoRoster.Member, baseline: Baseline?, readings: [IntervalReading])] = []
        for member in roster.members {
            let readings = try await CleaningStore(pool).trustedReadings(
                of: member.meter, in: everything(of: member.site))
            computed.append((member, try? Self.baseline(of: member.site, readings, scenario, terms), readings))
        }
        let called = try computed.compactMap { one in
            try participation[one.member.meter].map { part in
                guard let baseline = one.baseline else {
                    throw CommandFailure(
                        "The readings of \(one.member.site.name) give no baseline any more.",
                        hint: "look at its readings in meter_data")
                }
                return SiteEvent(
                    meter: one.member.meter, participation: part.opt, baseline: baseline, readings: one.readings,
                    pledge: part.pledge)
            }
        }
        let settlement = try terms.settle(event, called)
        try await write(settlement, now: now)
        let settled = Dictionary(uniqueKeysWithValues: settlement.sites.map { ($0.settlement.meter, $0) })
        return Dictionary(
            uniqueKeysWithValues: computed.map { one in
                (one.member.meter, outcome(one.baseline, one.readings, settled[one.member.meter]))
            })
    }

    private func everything(of site: DemoSite) -> TimeWindow {
        let start = site.history.first?.start ?? scenario.clockStart
        return TimeWindow(start: start, duration: scenario.window.end - start)
    }

    private static func baseline(
        of site: DemoSite, _ readings: [IntervalReading], _ scenario: DemoScenario, _ terms: ProgramTerms
    ) throws -> Baseline {
        let calendar = DayCalendar(
            zone: site.zone, holidays: site.holidays,
            eventDays: Set(site.excluded.map { site.zone.local($0.start).day }))
        return try terms.baseline(
            BaselineContext(
                event: scenario.window, history: try MeterHistory(readings, zone: site.zone), calendar: calendar))
    }

    /// Predictions, settlement and ledger; all of them keyed, so that a repeated run changes nothing.
    private func write(_ settlement: EventSettlement, now: Instant) async throws {
        let predictions = PredictionStore(pool)
        for site in settlement.sites where site.settlement.participation == .optedIn {
            try await predictions.replace(
                site.settlement.intervals.map {
                    PredictionStore.Prediction(window: $0.window, energy: WattHours(Double($0.baseline)))
                }, of: site.settlement.meter, in: event)
        }
        _ = try await SettlementStore(pool).save(settlement, settledAt: now)
        let entries = try settlement.sites.filter { $0.settlement.state == .settled }.map { site in
            let rule = terms.baselineRules.first {
                $0.id == site.settlement.baseline.ruleID && $0.version == site.settlement.baseline.ruleVersion
            }
            return try LedgerEntry(
                site, of: settlement, rule: rule ?? terms.baselineRules[0], state: .provisional, recordedAt: now)
        }
        _ = try await LedgerStore(pool, sha256: Runtime.sha256).append(entries)
    }

    private func outcome(
        _ baseline: Baseline?, _ readings: [IntervalReading], _ settled: EventSettlement.Site?
    ) -> Outcome {
        let during = readings.filter { scenario.window.contains($0.window) }
        let measured = during.reduce(TimeSpan.zero) { $0 + ($1.energy == nil ? .zero : $1.duration) }
        let actual = during.reduce(WattHours.zero) { $0 + ($1.energy ?? .zero) }
        return Outcome(
            baseline: baseline.map { $0.intervals.reduce(.zero) { $0 + $1.energy } },
            actual: measured == scenario.window.duration ? actual : nil,
            settled: settled)
    }
}
