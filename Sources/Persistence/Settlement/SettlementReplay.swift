public import DemandResponse
import FoundationEssentials
import MariaDB
import Measures

/// A ledger entry beside what counting again from the stored inputs gives.
public struct ReplayedEntry: Hashable, Sendable {
    public let meter: MeterID
    public let revision: Int
    /// What differs, field by field; empty when every bit is the same.
    public let differences: [Difference]

    public struct Difference: Hashable, Sendable {
        public let field: String
        public let booked: String
        public let counted: String
    }
}

extension SettlementDesk {
    /// Counts every booking of an event again from its stored inputs and the published terms, and compares.
    ///
    /// Each entry is counted with the inputs of its own revision and those that the other meters had at that time, as
    /// rounding and pools look at all of them.
    public func replay(_ event: ProgramEventID) async throws -> [ReplayedEntry] {
        let ledger = LedgerStore(pool, sha256: environment.sha256)
        let entries = try await ledger.entries(of: event).filter { $0.entry.audit.provenance != nil }
        guard !entries.isEmpty else { return [] }
        var replayed: [ReplayedEntry] = []
        var latest: [MeterID: (settlement: SiteSettlement, booked: Int64)] = [:]
        var version: ProgramTerms?
        for chained in entries {
            let entry = chained.entry
            let stored = try await inputs(entry)
            var differences: [ReplayedEntry.Difference] = []
            func compare(
                _ field: String, _ booked: any CustomStringConvertible, _ counted: any CustomStringConvertible
            ) {
                guard booked.description != counted.description else { return }
                differences.append(.init(field: field, booked: booked.description, counted: counted.description))
            }
            guard let stored, let provenance = entry.audit.provenance else {
                differences.append(.init(field: "inputs", booked: "stored", counted: "missing"))
                replayed.append(
                    ReplayedEntry(meter: entry.key.meter, revision: entry.revision, differences: differences))
                continue
            }
            compare("inputs SHA-256", provenance.inputsHash, hex(environment.sha256(stored.content)))
            guard
                let terms = try await ProgramStore(pool, rules: rules).terms(
                    of: entry.key.program, version: entry.key.formulaVersion)
            else {
                differences.append(.init(field: "terms", booked: entry.key.formulaVersion, counted: "missing"))
                replayed.append(
                    ReplayedEntry(meter: entry.key.meter, revision: entry.revision, differences: differences))
                continue
            }
            compare(
                "terms SHA-256", provenance.termsHash,
                hex(environment.sha256(try JSONColumn.bytes(ProgramTerms.Document(terms)))))
            do {
                let settled = try terms.settle(stored.inputs)
                let meter = entry.key.meter
                latest[meter] = (settled, (latest[meter]?.booked ?? 0) + entry.reward.minorUnits)
                version = terms
                compareAudit(entry.audit, settled, terms, compare)
            } catch {
                differences.append(.init(field: "settlement", booked: "counted", counted: "\(error)"))
            }
            replayed.append(
                ReplayedEntry(meter: entry.key.meter, revision: entry.revision, differences: differences))
        }
        return replayed + (try payments(latest, version, event))
    }

    /// What each meter has of the event, beside the payments of all of them rounded together from their latest inputs.
    private func payments(
        _ latest: [MeterID: (settlement: SiteSettlement, booked: Int64)], _ terms: ProgramTerms?,
        _ event: ProgramEventID
    ) throws -> [ReplayedEntry] {
        guard let terms else { return [] }
        let settled = latest.sorted { $0.key < $1.key }.map(\.value.settlement)
        return try terms.complete(event, settled).sites.compactMap { site in
            let meter = site.settlement.meter
            guard let booked = latest[meter]?.booked, booked != site.payment.minorUnits else { return nil }
            let difference = ReplayedEntry.Difference(
                field: "payment", booked: "\(Money(minorUnits: booked, currency: terms.currency))",
                counted: "\(site.payment)")
            return ReplayedEntry(meter: meter, revision: -1, differences: [difference])
        }
    }

    private func compareAudit(
        _ audit: LedgerAudit, _ settled: SiteSettlement, _ terms: ProgramTerms,
        _ compare: (String, any CustomStringConvertible, any CustomStringConvertible) -> Void
    ) {
        compare("rule", audit.ruleID, settled.baseline.ruleID)
        compare("rule version", audit.ruleVersion, settled.baseline.ruleVersion)
        compare("days used", "\(audit.daysUsed)", "\(settled.baseline.daysUsed)")
        compare(
            "adjustment before clamp", bits(audit.adjustmentBeforeClamp),
            bits(settled.baseline.adjustment.beforeClamp))
        compare("adjustment", bits(audit.adjustmentApplied), bits(settled.baseline.adjustment.applied))
        compare("paid energy", audit.paidEnergy, settled.paidEnergy)
        for (booked, counted) in zip(audit.intervals, settled.intervals) where booked != counted {
            compare(
                "interval \(booked.window.start)",
                "\(booked.baseline) - \(booked.actual.map(String.init) ?? "none")",
                "\(counted.baseline) - \(counted.actual.map(String.init) ?? "none")")
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

    private func bits(_ value: Double?) -> String { value.map { "\($0)" } ?? "none" }

    private func inputs(_ entry: LedgerEntry) async throws -> (content: [UInt8], inputs: SettlementInputs)? {
        let rows = try await pool.query(
            """
            SELECT content FROM settlement_inputs WHERE event = ? AND meter_id = ? AND program_id = ?
                AND terms_version = ? AND revision = ?
            """,
            [
                .text(entry.key.event.rawValue), .meter(entry.key.meter), .integer(entry.key.program.rawValue),
                .text(entry.key.formulaVersion), .count(entry.revision),
            ])
        guard let content = try rows.first?.bytes("content") else { return nil }
        do {
            return (content, try JSONDecoder().decode(SettlementInputs.self, from: Data(content)))
        } catch {
            throw StoredDataError(column: "content")
        }
    }
}
