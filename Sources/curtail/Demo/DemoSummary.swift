import DemandResponse
import Measures

/// Everything that a run found out, turned into its report.
struct DemoSummary {
    let options: DemoRun.Options
    let scenario: DemoScenario
    let roster: DemoRoster
    let outlook: DemoOutlook
    let participation: [MeterID: Participation]
    let outcomes: [MeterID: DemoSettlement.Outcome]
    let entries: [ChainedEntry]
    let shedByReadings: WattHours
    let certificates: Int

    private var forecasts: [MeterForecast] { outlook.forecasts }
    private var plan: DispatchProposal { outlook.record.plan }

    var report: DemoReport {
        let sites = zip(roster.members, forecasts).map(site)
        let postings = entries.flatMap(\.entry.postings)
        return DemoReport(
            seed: options.seed, currency: outlook.cost.currency.rawValue, event: event,
            accuracy: Self.accuracy(forecasts), plan: planned, sites: sites,
            total: DemoReport.Total(
                shed: sites.map(\.shed).reduce(0, +).rounded(decimals: 3),
                target: (outlook.target * scenario.window.duration).kilowattHours.rounded(decimals: 3),
                expected: (mean(plan.totals.map { .kilowatts($0.expected) }) * scenario.window.duration).kilowattHours
                    .rounded(decimals: 3),
                reward: sites.map(\.reward).reduce(0, +).rounded(decimals: 2)),
            checks: DemoReport.Checks(
                clientCertificates: certificates,
                shedByReadings: shedByReadings.kilowattHours.rounded(decimals: 3),
                ledgerBalance: postings.map(\.amount.minorUnits).reduce(0, +), ledgerEntries: entries.count))
    }

    /// Means over the sites that had days to hold out.
    static func accuracy(_ forecasts: [MeterForecast]) -> DemoReport.Accuracy {
        let errors = forecasts.compactMap(\.errors)
        let count = Double(max(errors.count, 1))
        return DemoReport.Accuracy(
            heldOutDays: errors.map(\.heldOutDays).max() ?? 0,
            sarimaMASE: (errors.map(\.sarima).reduce(0, +) / count).rounded(decimals: 4),
            seasonalNaiveMASE: (errors.map(\.seasonalNaive).reduce(0, +) / count).rounded(decimals: 4))
    }

    private func site(_ member: DemoRoster.Member, _ forecast: MeterForecast) -> DemoReport.Site {
        func sum(_ quantity: (MeterForecast.StepForecast) -> WattHours) -> Double {
            kilowattHours(forecast.sum(quantity, during: scenario.window, step: member.site.step))
        }
        let outcome = outcomes[member.meter]
        let settled = outcome?.settled
        let shed = settled?.settlement.state == .settled ? settled?.settlement.reduction : nil
        return DemoReport.Site(
            name: member.site.name, source: member.site.provenance, days: member.site.historyDays,
            model: forecast.model, forecast: sum(\.mean),
            forecast80: [sum(\.interval80.lower), sum(\.interval80.upper)],
            forecast95: [sum(\.interval95.lower), sum(\.interval95.upper)], called: participation[member.meter] != nil,
            baseline: outcome?.baseline.map(kilowattHours),
            actual: outcome?.actual.map(kilowattHours),
            shed: Double(shed ?? 0) / 1_000, opt: word(member.meter),
            reward: Double(settled?.payment.minorUnits ?? 0) / 100)
    }

    private func word(_ meter: MeterID) -> String {
        switch participation[meter] {
        case .optedIn: "optIn"
        case .optedOutInTime, .optedOutLate: "optOut"
        case nil: "not called"
        }
    }

    private func kilowattHours(_ energy: WattHours) -> Double { energy.kilowattHours.rounded(decimals: 3) }

    private func mean(_ powers: [Watts]) -> Watts {
        Watts(powers.map(\.value).reduce(0, +) / Double(max(powers.count, 1)))
    }

    private var event: DemoReport.Event {
        DemoReport.Event(
            start: scenario.window.start.description, end: scenario.window.end.description,
            targetKilowatts: outlook.target.kilowatts,
            deliveryProbability: outlook.record.problem.deliveryProbability)
    }

    private var planned: DemoReport.Plan {
        DemoReport.Plan(
            status: plan.words, cost: plan.cost.rounded(decimals: 2),
            bound: (plan.bound * 100 + 1e-6).rounded(.down) / 100, gap: plan.gap.rounded(decimals: 6),
            calledSites: plan.calls.count)
    }
}

extension Double {
    /// Half away from zero, so that what is printed adds up to what is printed.
    func rounded(decimals: Int) -> Double {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        return (self * scale).rounded(.toNearestOrAwayFromZero) / scale
    }
}
