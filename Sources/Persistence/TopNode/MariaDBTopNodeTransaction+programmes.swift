import MariaDB
import OpenADR
import VirtualTopNode

extension MariaDBTopNodeTransaction {
    func rules(of programme: MarketContext) async throws -> ProgrammeRules {
        try await connection.query(
            "SELECT unanswered, during_opt_out, overlap FROM programme_rules WHERE market_context = ?",
            [.text(programme.rawValue)]
        ).first.map { row in
            ProgrammeRules(
                unanswered: try row.word("unanswered"), duringOptOut: try row.word("during_opt_out"),
                overlap: try row.word("overlap"))
        } ?? ProgrammeRules()
    }

    func save(_ rules: ProgrammeRules, of programme: MarketContext) async throws {
        try await connection.execute(
            """
            INSERT INTO programme_rules (market_context, unanswered, during_opt_out, overlap) VALUES (?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE unanswered = VALUES(unanswered), during_opt_out = VALUES(during_opt_out),
                overlap = VALUES(overlap)
            """,
            [
                .text(programme.rawValue), .text(rules.unanswered.rawValue), .text(rules.duringOptOut.rawValue),
                .text(rules.overlap.rawValue),
            ])
    }
}
