public import DemandResponse
import FoundationEssentials
import MariaDB
import Measures

extension SettlementDesk {
    /// A programme's events as they stand in the ledger. Baseline errors and noise rents are worked out from the stored
    /// inputs of each meter's latest booking.
    public func report(_ name: String) async throws -> ProgramReport? {
        let programs = ProgramStore(pool, rules: rules)
        guard let program = try await programs.program(named: name) else { return nil }
        let rows = try await pool.query(
            """
            SELECT s.event, e.start_time, s.meter_id, m.name, s.reduction, s.payment, s.currency, s.terms_version,
                COALESCE(g.feeder, '') AS feeder, COALESCE(g.customer_class, '') AS customer_class, (
                    SELECT i.content FROM settlement_inputs i WHERE i.event = s.event AND i.meter_id = s.meter_id
                        AND i.program_id = s.program_id AND i.terms_version = s.terms_version
                    ORDER BY i.revision DESC LIMIT 1) AS content
            FROM settlements s JOIN events e ON e.event_id = s.event JOIN meters m ON m.meter_id = s.meter_id
                LEFT JOIN program_meters g ON g.program_id = s.program_id AND g.meter_id = s.meter_id
            WHERE s.program_id = ? AND s.state = 'settled' AND s.revision = (
                SELECT MAX(l.revision) FROM settlements l WHERE l.event = s.event AND l.meter_id = s.meter_id)
            ORDER BY e.start_time, s.event, m.name
            """, [.integer(program.rawValue)])
        var terms: [String: ProgramTerms] = [:]
        var currency = Currency.usd
        var report: [ProgramReport.Row] = []
        for row in rows {
            let version = try row.text("terms_version")
            if terms[version] == nil { terms[version] = try await programs.terms(of: program, version: version) }
            currency = try row.word("currency")
            let inputs = try row.optionalBytes("content").map {
                try JSONDecoder().decode(SettlementInputs.self, from: Data($0))
            }
            let rent = inputs.flatMap { inputs -> NoiseRent? in
                guard let terms = terms[version], let rule = terms.baselineRules.first else { return nil }
                return terms.noiseRent(of: inputs, ruleID: rule.id)
            }
            report.append(
                ProgramReport.Row(
                    event: ProgramEventID(try row.text("event")), start: try row.instant("start_time"),
                    meter: try row.text("name"), feeder: try row.text("feeder"),
                    customerClass: try row.text("customer_class"),
                    target: inputs.flatMap { inputs in inputs.pledge.map { $0 * inputs.window.duration.hours } },
                    reduction: try row.integer("reduction"), payment: try row.integer("payment"),
                    baselineError: rent?.accuracy.relativeError, noiseRent: rent?.minorUnits))
        }
        return ProgramReport(programme: name, currency: currency, rows: report)
    }
}
