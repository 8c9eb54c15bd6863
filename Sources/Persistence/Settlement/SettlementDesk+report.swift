public import DemandResponse
import MariaDB
import Measures

extension SettlementDesk {
    /// A programme's events as they stand in the ledger. Baseline errors and noise rents are worked out from the stored
    /// inputs of each meter's latest booking.
    ///
    /// - Throws: `ReportError` when its events were paid in different currencies.
    public func report(_ name: String) async throws -> ProgramReport? {
        let programs = ProgramStore(pool, rules: rules)
        guard let program = try await programs.program(named: name) else { return nil }
        let rows = try await pool.query(
            """
            SELECT s.event, e.start_time, s.meter_id, m.name, s.reduction, s.payment, s.currency, s.terms_version,
                COALESCE(g.feeder, '') AS feeder, COALESCE(g.customer_class, '') AS customer_class, (
                    SELECT JSON_VALUE(t.audit, '$.provenance.inputsHash') FROM ledger_transactions t
                    WHERE t.event = s.event AND t.meter_id = s.meter_id AND t.program_id = s.program_id
                    ORDER BY t.transaction_id DESC LIMIT 1) AS inputs
            FROM settlements s JOIN events e ON e.event_id = s.event JOIN meters m ON m.meter_id = s.meter_id
                LEFT JOIN program_meters g ON g.program_id = s.program_id AND g.meter_id = s.meter_id
            WHERE s.program_id = ? AND s.state = 'settled' AND s.revision = (
                SELECT MAX(l.revision) FROM settlements l WHERE l.event = s.event AND l.meter_id = s.meter_id)
            ORDER BY e.start_time, s.event, m.name
            """, [.integer(program.rawValue)])
        var terms: [String: ProgramTerms] = [:]
        for row in rows {
            let version = try row.text("terms_version")
            if terms[version] == nil { terms[version] = try await programs.terms(of: program, version: version) }
        }
        let currencies = Set(try rows.map { try $0.word("currency", as: Currency.self) })
        guard currencies.count <= 1 else { throw ReportError.severalCurrencies(name) }
        let known = terms
        let report = try await SettlementRun.each(rows.count, width: environment.width) { number in
            try await line(rows[number], known)
        }
        return ProgramReport(programme: name, currency: currencies.first ?? .usd, rows: report)
    }

    private func line(_ row: MariaDBRow, _ terms: [String: ProgramTerms]) async throws -> ProgramReport.Row {
        var inputs: SettlementInputs?
        if let hash = try row.optionalText("inputs") {
            inputs = try await SettlementArchive(pool).inputs(hash)?.inputs
        }
        let rent = inputs.flatMap { inputs -> NoiseRent? in
            guard let terms = terms[(try? row.text("terms_version")) ?? ""], let rule = terms.baselineRules.first
            else { return nil }
            return terms.noiseRent(of: inputs, ruleID: rule.id)
        }
        return ProgramReport.Row(
            event: ProgramEventID(try row.text("event")), start: try row.instant("start_time"),
            meter: try row.text("name"), feeder: try row.text("feeder"),
            customerClass: try row.text("customer_class"),
            target: inputs.flatMap { inputs in inputs.pledge.map { $0 * inputs.window.duration.hours } },
            reduction: try row.integer("reduction"), payment: try row.integer("payment"),
            baselineError: rent?.accuracy.relativeError, noiseRent: rent?.minorUnits)
    }
}

/// Why there is no report.
public enum ReportError: Error, Hashable, Sendable {
    /// Payments in different currencies have no sum.
    case severalCurrencies(String)
}
