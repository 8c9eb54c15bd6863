public import DemandResponse
import MariaDB
public import Measures

extension SettlementDesk {
    /// What became of an event at the desk.
    public struct Booking: Sendable {
        public let opened: Case
        public let settlement: EventSettlement
        public let refused: [SettlementRun.Refused]
        /// How many entries the ledger got.
        public let entries: Int
        /// Meters with an open dispute, which stay provisional.
        public let disputed: [MeterID]
    }

    /// Counts an event and books it: provisionally, or for good. After it is final, late and corrected readings book the
    /// difference while the window for corrections is open; nothing is ever changed. Sites that wait for readings, that
    /// cannot be counted, or that another event has in these hours are booked nothing.
    public func settle(_ event: ProgramEventID, isFinal: Bool, now: Instant) async throws -> Booking {
        let opened = try await open(event, now: now)
        let known = try await LedgerStore(pool, sha256: environment.sha256).entries(of: event)
        let closesAt = opened.window.end + opened.terms.options.resettlementWindow
        if now > closesAt, known.contains(where: { $0.entry.state != .provisional }) {
            throw Refusal.closed(event, since: closesAt)
        }
        let run = try await SettlementRun.run(opened.terms, event, opened.sites, width: environment.width)
        let disputes = try await DisputeStore(pool).open(for: event)
        let booked = try await book(run.settlement, opened, isFinal: isFinal, disputed: disputes, now: now)
        return Booking(
            opened: opened, settlement: run.settlement, refused: run.refused, entries: booked,
            disputed: disputes.sorted())
    }

    /// Predictions, settlement and ledger in one transaction: a crash leaves all of it or nothing.
    private func book(
        _ settlement: EventSettlement, _ opened: Case, isFinal: Bool, disputed: Set<MeterID>, now: Instant
    ) async throws -> Int {
        let termsHash = hex(environment.sha256(try JSONColumn.bytes(ProgramTerms.Document(opened.terms))))
        let inputs = Dictionary(opened.sites.map { ($0.meter, $0) }, uniquingKeysWith: { first, _ in first })
        let sites = Dictionary(
            settlement.sites.filter { !$0.settlement.isWaiting }.map { ($0.settlement.meter, $0) },
            uniquingKeysWith: { first, _ in first })
        let hash = environment.sha256
        return try await keepingRules {
            try await pool.transaction(isolation: .readCommitted) { connection in
                _ = try SettlementStore.save(settlement, settledAt: now, connection)
                for site in settlement.sites where site.settlement.state == .settled {
                    try PredictionStore.replace(
                        site.settlement.intervals.map {
                            PredictionStore.Prediction(window: $0.window, energy: WattHours(Double($0.baseline)))
                        }, of: site.settlement.meter, in: settlement.event, connection)
                }
                let keys = sites.keys.sorted().compactMap { sites[$0]?.settlement.key(settlement) }
                return try LedgerStore.append(keys, hash: hash, connection) { key, known in
                    guard let site = sites[key.meter], let source = inputs[key.meter] else { return nil }
                    return try entry(
                        site, settlement, opened, source, after: known,
                        isFinal: isFinal && !disputed.contains(key.meter), termsHash: termsHash, now: now)
                }
            }
        }
    }

    /// The next entry of a site and its inputs; nil where nothing is new.
    private func entry(
        _ site: EventSettlement.Site, _ settlement: EventSettlement, _ opened: Case, _ inputs: SettlementInputs,
        after known: [LedgerEntry], isFinal: Bool, termsHash: String, now: Instant
    ) throws -> (entry: LedgerEntry, inputs: [UInt8])? {
        let last = known.last
        let booked = known.reduce(Money(minorUnits: 0, currency: opened.terms.currency)) { $0 + $1.reward }
        let state: LedgerState =
            switch last?.state {
            case nil, .provisional: isFinal ? .final : .provisional
            case .final, .corrected: .corrected
            }
        // A site that is left out and never had anything needs no line.
        if site.settlement.state == .excluded, known.isEmpty { return nil }
        let content = try JSONColumn.bytes(inputs)
        let inputsHash = hex(environment.sha256(content))
        // Other readings are noted even where they move no cent: the archive is complete for a replay.
        let isNew = last?.audit.provenance?.inputsHash != inputsHash || booked != site.payment
        guard isNew || state == .final else { return nil }
        let rule = opened.terms.baselineRules.first { $0.id == site.settlement.baseline.ruleID }
        let provenance = SettlementProvenance(
            site.settlement,
            parametersHash: hex(environment.sha256(Array((rule?.canonicalParameters ?? "").utf8))),
            termsHash: termsHash, inputsHash: inputsHash,
            codeVersion: environment.codeVersion, calendarVersion: opened.terms.options.calendarVersion)
        let entry = try LedgerEntry(
            site, of: settlement, rule: rule ?? opened.terms.baselineRules[0], state: state,
            revision: known.count, recordedAt: now, booked: booked, provenance: provenance)
        return (entry, content)
    }
}

extension SiteSettlement {
    fileprivate var isWaiting: Bool { if case .waiting = state { true } else { false } }

    fileprivate func key(_ event: EventSettlement) -> LedgerKey {
        LedgerKey(
            program: event.program, event: event.event, meter: meter, formulaVersion: event.termsVersion)
    }
}

func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
