import DemandResponse
import Measures
import Persistence

/// One meter's part of an event as a sheet that can be followed line by line.
struct SettlementSheet: Codable, Sendable {
    struct Day: Codable, Sendable {
        let day: String
        /// `chosen`, or why not.
        let verdict: String
    }

    struct Interval: Codable, Sendable {
        let start: String
        let baselineKilowattHours: Double
        let actualKilowattHours: Double?
        let reductionKilowattHours: Double?
        let quality: String
    }

    struct Part: Codable, Sendable {
        let kind: String
        /// Currency units, before the payment is rounded with the others'.
        let amount: Double
    }

    let event: String
    let meter: String
    let termsVersion: String
    let rule: String
    let state: String
    let days: [Day]
    let adjustmentBeforeClamp: Double?
    let adjustment: Double
    let members: [Baseline.Member]
    let intervals: [Interval]
    let pledgeKilowatts: Double?
    let performance: Double?
    let parts: [Part]
    /// All bookings of the meter in the event together, and the latest of them.
    let reward: String
    let latestBooking: String
    let refusal: String?
    let inputsHash: String

    init(_ explained: SettlementExplanation, meter: String) {
        let (entry, settlement) = (explained.entry, explained.settlement)
        event = entry.key.event.rawValue
        self.meter = meter
        termsVersion = entry.key.formulaVersion
        rule = "\(settlement.baseline.ruleID) \(settlement.baseline.ruleVersion)"
        state = entry.state.rawValue
        days = settlement.baseline.considered.map { day in
            switch day.verdict {
            case .chosen: Day(day: "\(day.day)", verdict: "chosen")
            case .rejected(let reason): Day(day: "\(day.day)", verdict: reason.words)
            }
        }
        adjustmentBeforeClamp = settlement.baseline.adjustment.beforeClamp
        adjustment = settlement.baseline.adjustment.applied
        members = settlement.baseline.members
        intervals = settlement.intervals.map { interval in
            Interval(
                start: "\(interval.window.start)", baselineKilowattHours: Double(interval.baseline) / 1_000,
                actualKilowattHours: interval.actual.map { Double($0) / 1_000 },
                reductionKilowattHours: interval.reduction.map { Double($0) / 1_000 },
                quality: interval.quality?.rawValue ?? (interval.actual == nil ? "missing" : "good"))
        }
        pledgeKilowatts = explained.inputs.pledge.map { $0 / 1_000 }
        performance = settlement.performance
        parts = settlement.parts.map { part in
            Part(
                kind: part.kind.rawValue,
                amount: Double(part.amount.parts) / Double(ExactAmount.partsPerMinorUnit) / 100)
        }
        reward = "\(explained.total)"
        latestBooking = "\(entry.reward)"
        refusal = explained.refusal?.words
        inputsHash = entry.audit.provenance?.inputsHash ?? ""
    }

    func rendered() -> String {
        var considered = TextTable(["day", "verdict"], leftColumns: [0, 1])
        for day in days { considered.add([day.day, day.verdict]) }
        var measured = TextTable(
            ["interval", "baseline kWh", "actual kWh", "reduction kWh", "quality"], leftColumns: [0, 4])
        for interval in intervals {
            measured.add([
                interval.start, interval.baselineKilowattHours.fixed(3),
                interval.actualKilowattHours?.fixed(3) ?? "-", interval.reductionKilowattHours?.fixed(3) ?? "-",
                interval.quality,
            ])
        }
        let clamped = adjustmentBeforeClamp.map { " (\($0.fixed(4)) before its limits)" } ?? ""
        var lines = [
            "\(meter) in \(event) by terms \(termsVersion): \(reward), latest booking \(latestBooking) \(state)",
            "rule \(rule), adjustment \(adjustment.fixed(4))\(clamped)",
        ]
        lines += members.map { "  \($0.ruleID) \(($0.share * 100).fixed(1)) % over \($0.placeboDays) placebo days" }
        if let refusal { lines.append(refusal) }
        if let pledgeKilowatts { lines.append("pledge \(pledgeKilowatts.fixed(3)) kW") }
        if let performance { lines.append("performance \(performance.fixed(4))") }
        lines += parts.map { "\($0.kind) \($0.amount.fixed(6))" }
        lines.append("inputs \(inputsHash)")
        return ([considered.rendered(), measured.rendered(), lines.joined(separator: "\n")])
            .filter { !$0.isEmpty }.joined(separator: "\n\n")
    }
}

extension ConsideredDay.Reason {
    /// For people.
    var words: String {
        switch self {
        case .event: "an event of the meter"
        case .gap: "an interval without a reading"
        case .load: "its load is at the end that the rule leaves out"
        case .lowUse: "low use"
        case .notNeeded: "newer days were enough"
        case .outage: "an outage"
        case .skippedHour: "the clock skips the event's hours"
        case .kind: "another kind of day"
        case .temperature: "other days are nearer in temperature"
        case .unknownTemperature: "its temperature is unknown"
        }
    }
}
