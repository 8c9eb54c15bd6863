public import DemandResponse
import MariaDB
public import Measures

/// Why a meter has what it has of an event: its latest booking, counted again from the stored inputs.
public struct SettlementExplanation: Sendable {
    public let entry: LedgerEntry
    /// All of the meter's bookings of the event together.
    public let total: Money
    public let inputs: SettlementInputs
    public let terms: ProgramTerms
    /// With every day that the rule looked at.
    public let settlement: SiteSettlement
    public let refusal: SettlementRefusal?
}

extension SettlementDesk {
    /// Nil where nothing is booked, or was booked without its inputs.
    public func explain(_ event: ProgramEventID, _ meter: MeterID) async throws -> SettlementExplanation? {
        let entries = try await LedgerStore(pool, sha256: environment.sha256).entries(of: event).map(\.entry)
            .filter { $0.key.meter == meter }
        guard let entry = entries.last, let provenance = entry.audit.provenance,
            let inputs = try await SettlementArchive(pool).inputs(provenance.inputsHash)?.inputs,
            let terms = try await ProgramStore(pool, rules: rules).terms(
                of: entry.key.program, version: entry.key.formulaVersion)
        else { return nil }
        let (settlement, refusal) = terms.count(inputs)
        return SettlementExplanation(
            entry: entry,
            total: entries.reduce(Money(minorUnits: 0, currency: entry.reward.currency)) { $0 + $1.reward },
            inputs: inputs, terms: terms, settlement: settlement, refusal: refusal)
    }
}
