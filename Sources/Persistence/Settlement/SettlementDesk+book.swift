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

    /// Somebody else booked the event, or another one in these hours, while it was counted.
    private struct Overtaken: Error {}

    /// Counts an event and books it: provisionally, or for good. After it is final, late and corrected readings book the
    /// difference while the window for corrections is open; nothing is ever changed.
    ///
    /// Sites that wait for readings, that cannot be counted, or that another event has in these hours are booked nothing;
    /// what such a site was given earlier is taken back until its readings are there again.
    public func settle(_ event: ProgramEventID, isFinal: Bool, now: Instant) async throws -> Booking {
        for _ in 0..<5 {
            do {
                return try await settleOnce(event, isFinal: isFinal, now: now)
            } catch is Overtaken {
                // Count again with what is there now.
            }
        }
        throw Refusal.busy(event)
    }

    private func settleOnce(_ event: ProgramEventID, isFinal: Bool, now: Instant) async throws -> Booking {
        let known = try await bookings(of: event)
        let opened = try await open(event, now: now)
        let closesAt = opened.window.end + opened.terms.options.resettlementWindow
        if now > closesAt, known.hasFinal { throw Refusal.closed(event, since: closesAt) }
        let spool = try SettlementSpool()
        let run = try await count(opened, booked: known.meters, spool, now: now)
        let disputes = try await DisputeStore(pool).open(for: event)
        let booked: Int
        do {
            booked = try await book(
                run.settlement, spool, after: known.entries, isFinal: isFinal, disputed: disputes, now: now)
        } catch let error as MariaDBError where error.isDuplicateKey {
            // An hour of a meter has one prediction: an overlapping event was faster.
            throw Overtaken()
        }
        return Booking(
            opened: opened, settlement: run.settlement, refused: run.refused, entries: booked,
            disputed: disputes.sorted())
    }

    /// What the ledger has of an event.
    private func bookings(
        of event: ProgramEventID
    ) async throws -> (entries: Int, hasFinal: Bool, meters: Set<MeterID>) {
        let rows = try await pool.query(
            """
            SELECT meter_id, COUNT(*) AS entries, SUM(state <> 'provisional') AS finals
            FROM ledger_transactions WHERE event = ? GROUP BY meter_id
            """, [.text(event.rawValue)])
        return (
            Int(try rows.reduce(0) { $0 + (try $1.integer("entries")) }),
            try rows.contains { try $0.integer("finals") > 0 }, Set(try rows.map { try $0.meter() })
        )
    }

    /// Counts all sites, `width` at a time, and keeps the inputs of those that may be booked.
    private func count(
        _ opened: Case, booked: Set<MeterID>, _ spool: SettlementSpool, now: Instant
    ) async throws -> SettlementRun {
        let shared = try await shared(opened)
        let archive = SettlementArchive(pool)
        let sha256 = environment.sha256
        let termsHash = hex(sha256(try JSONColumn.bytes(ProgramTerms.Document(opened.terms))))
        return try await SettlementRun.run(
            opened.terms, opened.event, sites: opened.parts.count, width: environment.width,
            inputs: { try await inputs(opened.parts[$0], opened, shared) },
            keep: { inputs, settlement in
                let content = try SettlementArchive.bytes(inputs)
                let hash = sha256(content)
                let mayBeBooked = settlement.state == .settled || booked.contains(inputs.meter)
                guard mayBeBooked else { return }
                try await archive.keep(content, inputs, hash: hash, at: now)
                try spool.keep(audit(settlement, opened.terms, hex(hash), termsHash), of: inputs.meter)
            })
    }

    private func audit(
        _ settlement: SiteSettlement, _ terms: ProgramTerms, _ inputsHash: String, _ termsHash: String
    ) -> LedgerAudit {
        let rule = terms.baselineRules.first { $0.id == settlement.baseline.ruleID } ?? terms.baselineRules[0]
        return LedgerAudit(
            settlement, rule: rule,
            provenance: SettlementProvenance(
                settlement, parametersHash: hex(environment.sha256(Array(rule.canonicalParameters.utf8))),
                termsHash: termsHash, inputsHash: inputsHash, codeVersion: environment.codeVersion,
                calendarVersion: terms.options.calendarVersion))
    }

    /// Predictions, settlement and ledger in one transaction: a crash leaves all of it or nothing.
    private func book(
        _ settlement: EventSettlement, _ spool: SettlementSpool, after known: Int, isFinal: Bool,
        disputed: Set<MeterID>, now: Instant
    ) async throws -> Int {
        let hash = environment.sha256
        let sites = Dictionary(
            settlement.sites.map { ($0.settlement.meter, $0) }, uniquingKeysWith: { first, _ in first })
        return try await keepingRules {
            try await pool.transaction(isolation: .readCommitted) { connection in
                // The event's row is locked by this: two bookings of one event queue.
                _ = try SettlementStore.save(settlement, settledAt: now, connection)
                guard try Self.entries(of: settlement.event, connection) == known else { throw Overtaken() }
                for site in settlement.sites.map(\.settlement) {
                    let intervals = site.state == .settled ? try spool.audit(of: site.meter)?.intervals ?? [] : []
                    try PredictionStore.replace(
                        intervals.map {
                            PredictionStore.Prediction(window: $0.window, energy: WattHours(Double($0.baseline)))
                        }, of: site.meter, in: settlement.event, connection)
                }
                let keys = settlement.sites.map { settlement.key($0.settlement.meter) }
                return try LedgerStore.append(keys, hash: hash, connection) { key, known in
                    guard let site = sites[key.meter], let audit = try spool.audit(of: key.meter) else { return nil }
                    return try Self.entry(
                        site, settlement, audit, after: known, isFinal: isFinal && !disputed.contains(key.meter),
                        now: now)
                }
            }
        }
    }

    private static func entries(
        of event: ProgramEventID, _ connection: isolated MariaDBConnection
    ) throws -> Int {
        let rows = try connection.query(
            "SELECT COUNT(*) AS entries FROM ledger_transactions WHERE event = ?", [.text(event.rawValue)])
        return Int(try rows.first?.integer("entries") ?? 0)
    }

    /// The next entry of a site; nil where nothing is new.
    private static func entry(
        _ site: EventSettlement.Site, _ settlement: EventSettlement, _ audit: LedgerAudit, after known: [LedgerEntry],
        isFinal: Bool, now: Instant
    ) throws -> LedgerEntry? {
        let last = known.last
        // A site that waits or is left out and never had anything needs no line.
        if site.settlement.state != .settled, known.isEmpty { return nil }
        let booked = known.reduce(Money(minorUnits: 0, currency: site.payment.currency)) { $0 + $1.reward }
        let mayBeFinal = isFinal && !site.settlement.isWaiting
        let state: LedgerState =
            switch last?.state {
            case nil, .provisional: mayBeFinal ? .final : .provisional
            case .final, .corrected: .corrected
            }
        // Other readings are noted even where they move no cent: the archive is complete for a replay.
        let isNew = last?.audit.provenance?.inputsHash != audit.provenance?.inputsHash || booked != site.payment
        guard isNew || state == .final else { return nil }
        return try LedgerEntry(
            site, of: settlement, audit: audit, state: state, revision: known.count, recordedAt: now, booked: booked)
    }
}

extension SiteOutcome {
    fileprivate var isWaiting: Bool { if case .waiting = state { true } else { false } }
}
