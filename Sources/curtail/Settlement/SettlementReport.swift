import DemandResponse
import Measures
import Persistence

/// What settling an event came to, site by site.
struct SettlementReport: Codable, Sendable {
    struct Site: Codable, Sendable {
        let meter: String
        /// `settled`, `waiting`, `excluded`, `refused` or `overlapping`.
        let state: String
        /// Why it is not settled, or what is special.
        let note: String
        let rule: String?
        let baselineKilowattHours: Double?
        let actualKilowattHours: Double?
        let reductionKilowattHours: Double?
        let performance: Double?
        let payment: String?
    }

    let event: String
    let termsVersion: String
    let sites: [Site]
    let total: String
    let newEntries: Int

    init(_ booking: SettlementDesk.Booking, names: [MeterID: String]) {
        func name(_ meter: MeterID) -> String { names[meter] ?? "\(meter.rawValue)" }
        let disputed = Set(booking.disputed)
        let refused = Set(booking.refused.map(\.meter))
        var sites = booking.settlement.sites.filter { !refused.contains($0.settlement.meter) }.map { site in
            Site(name(site.settlement.meter), site, isDisputed: disputed.contains(site.settlement.meter))
        }
        sites += booking.refused.map { Site(name($0.meter), state: "refused", note: $0.refusal.words) }
        sites += booking.opened.overlapping.map {
            Site(name($0), state: "overlapping", note: "another event has these hours of the meter")
        }
        event = booking.opened.event.rawValue
        termsVersion = booking.opened.terms.version
        self.sites = sites
        total = "\(booking.settlement.total)"
        newEntries = booking.entries
    }

    func rendered() -> String {
        var table = TextTable(
            ["meter", "state", "baseline kWh", "actual kWh", "reduction kWh", "performance", "payment", "note"],
            leftColumns: [0, 1, 7])
        for site in sites {
            table.add([
                site.meter, site.state, site.baselineKilowattHours?.fixed(3) ?? "-",
                site.actualKilowattHours?.fixed(3) ?? "-", site.reductionKilowattHours?.fixed(3) ?? "-",
                site.performance?.fixed(3) ?? "-", site.payment ?? "-", site.note,
            ])
        }
        return """
            \(table.rendered())
            \(event) by terms \(termsVersion): \(total), \(newEntries == 1 ? "1 new entry" : "\(newEntries) new entries") in the ledger
              next  curtail settle replay \(event)
            """
    }
}

extension SettlementReport.Site {
    init(_ meter: String, state: String, note: String) {
        self.init(
            meter: meter, state: state, note: note, rule: nil, baselineKilowattHours: nil, actualKilowattHours: nil,
            reductionKilowattHours: nil, performance: nil, payment: nil)
    }

    init(_ meter: String, _ site: EventSettlement.Site, isDisputed: Bool) {
        let settlement = site.settlement
        var notes: [String] = []
        var state = "settled"
        switch settlement.state {
        case .excluded:
            state = "excluded"
            notes.append("opted out in time")
        case .waiting(let share):
            state = "waiting"
            notes.append("\((share * 100).fixed(0)) % of the intervals are measured")
        case .settled: break
        }
        if settlement.participation == .optedOutLate { notes.append("opted out late") }
        if isDisputed { notes.append("disputed: stays provisional") }
        if settlement.snapBack > 0 { notes.append("snap-back \((Double(settlement.snapBack) / 1_000).fixed(3)) kWh") }
        if settlement.preEventRise > 0 {
            notes.append("rise before \((Double(settlement.preEventRise) / 1_000).fixed(3)) kWh")
        }
        if let admission = settlement.admission, admission != .admitted {
            notes.append("baseline \(admission.rawValue)")
        }
        self.init(
            meter: meter, state: state, note: notes.joined(separator: "; "), rule: settlement.ruleID,
            baselineKilowattHours: Double(settlement.baseline) / 1_000,
            actualKilowattHours: Double(settlement.actual) / 1_000,
            reductionKilowattHours: Double(settlement.reduction) / 1_000, performance: settlement.performance,
            payment: "\(site.payment)")
    }
}

extension SettlementRefusal {
    var words: String {
        switch self {
        case .noBaseline(let refusal): refusal.description
        case .unusable(.noPrice): "the market's price of an interval is missing"
        case .unusable(.differentCurrency): "the market's prices are in another currency than the terms"
        case .unusable(.unusablePledge): "its pledge is no number of watts above zero"
        case .unusable(let error): "\(error)"
        case .unusableReadings(.noReadings): "it has no readings"
        case .unusableReadings(let flaw): "its readings are no history: \(flaw)"
        }
    }
}
