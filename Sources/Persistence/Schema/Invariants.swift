import FoundationEssentials
public import MariaDB

/// What must hold in the database at every time (`invariants.sql`): each query of the file gives a row for every breach.
public struct Invariants: Sendable {
    /// A row that breaks a rule.
    public struct Breach: Hashable, Sendable, CustomStringConvertible {
        public let rule: String
        /// The key of the row.
        public let subject: String

        public var description: String { "\(rule): \(subject)" }
    }

    private let script: SQLScript
    private let path: String

    /// Reads `invariants.sql` in `directory`, the `Database` folder of the program.
    public init(directory: String) throws(MigrationError) {
        path = "\(directory)/invariants.sql"
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8)
        else { throw .unusableFile(path, "it cannot be read as UTF-8 text") }
        script = SQLScript(text)
        guard !script.statements.isEmpty else { throw .unusableFile(path, "it has no query") }
    }

    /// Every breach, rule by rule; empty when all is well. Reads all tables: not for a busy server.
    ///
    /// - Parameter areas: only rules whose names begin with one of these words; none means all.
    public func breaches(on pool: MariaDBPool, of areas: [String] = []) async throws -> [Breach] {
        try await pool.withConnection { connection in
            try connection.execute(
                "CREATE TEMPORARY TABLE invariant_breaches (broken_rule VARCHAR(190), subject VARCHAR(190))")
            defer { try? connection.runScript("DROP TEMPORARY TABLE invariant_breaches") }
            for statement in script.statements
            where areas.isEmpty || areas.contains(where: { statement.text.hasPrefix("SELECT '\($0)") }) {
                do throws(MariaDBError) {
                    try connection.runScript(
                        """
                        INSERT INTO invariant_breaches SELECT q.broken_rule, CAST(q.subject AS CHAR) FROM
                        (\(statement.text)) q
                        """)
                } catch {
                    throw MigrationError.statementFailed(
                        file: path, line: statement.line, statement: statement.title, error)
                }
            }
            return try connection.query("SELECT broken_rule, subject FROM invariant_breaches").map { row in
                Breach(rule: try row.text("broken_rule"), subject: try row.optionalText("subject") ?? "")
            }
        }
    }
}
