public import DemandResponse
import MariaDB
import Measures

/// A ledger entry beside what counting again from the stored inputs gives.
public struct ReplayedEntry: Hashable, Sendable {
    public let meter: MeterID
    public let revision: Int
    /// What differs, field by field; empty when every bit is the same.
    public fileprivate(set) var differences: [Difference]

    public struct Difference: Hashable, Sendable {
        public let field: String
        public let booked: String
        public let counted: String
    }

    fileprivate mutating func compare(
        _ field: String, _ booked: some CustomStringConvertible, _ counted: some CustomStringConvertible
    ) {
        guard booked.description != counted.description else { return }
        differences.append(.init(field: field, booked: booked.description, counted: counted.description))
    }
}

extension SettlementDesk {
    /// Counts every booking of an event again from its stored inputs and the published terms, and compares.
    ///
    /// Payments are compared run by run: each run's entries with those that the other meters had at that time, as rounding
    /// and pools look at all of them.
    public func replay(_ event: ProgramEventID) async throws -> [ReplayedEntry] {
        let entries = try await LedgerStore(pool, sha256: environment.sha256).entries(of: event).map(\.entry)
            .filter { $0.audit.provenance != nil }
        var terms: [LedgerKey: ProgramTerms] = [:]
        for entry in entries where terms[entry.key.anyMeter] == nil {
            terms[entry.key.anyMeter] = try await ProgramStore(pool, rules: rules).terms(
                of: entry.key.program, version: entry.key.formulaVersion)
        }
        let found = terms
        var counted = try await SettlementRun.each(entries.count, width: environment.width) { number in
            let entry = entries[number]
            return try await recount(entry, found[entry.key.anyMeter])
        }
        try comparePayments(entries, &counted, found)
        return counted.map(\.replayed)
    }

    private typealias Recount = (replayed: ReplayedEntry, outcome: SiteOutcome?)

    /// One entry from its own inputs.
    private func recount(_ entry: LedgerEntry, _ terms: ProgramTerms?) async throws -> Recount {
        var replayed = ReplayedEntry(meter: entry.key.meter, revision: entry.revision, differences: [])
        guard let provenance = entry.audit.provenance,
            let stored = try await SettlementArchive(pool).inputs(provenance.inputsHash)
        else {
            replayed.compare("inputs", "stored", "missing")
            return (replayed, nil)
        }
        replayed.compare("inputs SHA-256", provenance.inputsHash, hex(environment.sha256(stored.content)))
        guard let terms else {
            replayed.compare("terms", entry.key.formulaVersion, "missing")
            return (replayed, nil)
        }
        replayed.compare(
            "terms SHA-256", provenance.termsHash,
            hex(environment.sha256(try JSONColumn.bytes(ProgramTerms.Document(terms)))))
        let settlement = terms.count(stored.inputs).settlement
        replayed.compare(entry.audit, settlement)
        return (replayed, SiteOutcome(settlement))
    }

    /// What each meter has of the event after each run, beside the payments of all of them rounded together.
    private func comparePayments(
        _ entries: [LedgerEntry], _ counted: inout [Recount], _ terms: [LedgerKey: ProgramTerms]
    ) throws {
        var latest: [LedgerKey: SiteOutcome] = [:]
        var booked: [LedgerKey: Int64] = [:]
        var start = 0
        while start < entries.count {
            var end = start
            var seen: Set<LedgerKey> = []
            // A run books each meter once.
            while end < entries.count, entries[end].recordedAt == entries[start].recordedAt,
                seen.insert(entries[end].key).inserted
            {
                latest[entries[end].key] = counted[end].outcome
                booked[entries[end].key, default: 0] += entries[end].reward.minorUnits
                end += 1
            }
            for (program, run) in Dictionary(grouping: latest, by: \.key.anyMeter) {
                guard let terms = terms[program] else { continue }
                let settled = run.sorted { $0.key.meter < $1.key.meter }.map(\.value)
                let payments = Dictionary(
                    try terms.complete(program.event, settled).sites.map { ($0.settlement.meter, $0.payment) },
                    uniquingKeysWith: { first, _ in first })
                for number in start..<end where entries[number].key.anyMeter == program {
                    guard let payment = payments[entries[number].key.meter] else { continue }
                    counted[number].replayed.compare(
                        "payment", Money(minorUnits: booked[entries[number].key] ?? 0, currency: payment.currency),
                        payment)
                }
            }
            start = end
        }
    }
}

extension LedgerKey {
    /// The same for every meter of the event.
    fileprivate var anyMeter: LedgerKey {
        LedgerKey(program: program, event: event, meter: MeterID(0), formulaVersion: formulaVersion)
    }
}

extension ReplayedEntry {
    fileprivate mutating func compare(_ audit: LedgerAudit, _ settled: SiteSettlement) {
        compare("rule", audit.ruleID, settled.baseline.ruleID)
        compare("rule version", audit.ruleVersion, settled.baseline.ruleVersion)
        compare("days used", "\(audit.daysUsed)", "\(settled.baseline.daysUsed)")
        compare(
            "adjustment before clamp", Self.bits(audit.adjustmentBeforeClamp),
            Self.bits(settled.baseline.adjustment.beforeClamp))
        compare(
            "adjustment", Self.bits(audit.adjustmentApplied), Self.bits(settled.baseline.adjustment.applied))
        compare("paid energy", audit.paidEnergy, settled.paidEnergy)
        for (booked, counted) in zip(audit.intervals, settled.intervals) where booked != counted {
            compare("interval \(booked.window.start)", Self.text(booked), Self.text(counted))
        }
        compare("intervals", audit.intervals.count, settled.intervals.count)
        guard let provenance = audit.provenance else { return }
        compare("members", "\(provenance.members)", "\(settled.baseline.members)")
        // A share of a pool comes from all sites; what it is a share of is the paid energy.
        func own(_ parts: [PaymentPart]) -> [PaymentPart] { parts.filter { $0.kind != .pool } }
        compare("parts", "\(own(provenance.parts))", "\(own(settled.parts))")
        compare("snap-back", provenance.snapBack, settled.snapBack)
        compare("pre-event rise", provenance.preEventRise, settled.preEventRise)
        compare("multiplier", provenance.multiplierMicros, settled.multiplierMicros)
    }

    /// The shortest text that gives the same number again.
    private static func bits(_ value: Double?) -> String { value.map { "\($0)" } ?? "none" }

    private static func text(_ interval: SettledInterval) -> String {
        let quality = interval.quality.map { " \($0.rawValue)" } ?? ""
        return "\(interval.baseline) - \(interval.actual.map(String.init) ?? "none")\(quality)"
    }
}
