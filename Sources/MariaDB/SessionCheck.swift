/// What correct results depend on, read back from the server.
enum SessionCheck {
    static func check(_ session: Session) throws(MariaDBError) {
        let rows = try session.rows(
            """
            SELECT @@session.time_zone AS time_zone, @@session.sql_mode AS sql_mode,
            @@session.character_set_client AS client, @@session.character_set_connection AS connection,
            CAST(@@session.innodb_snapshot_isolation AS SIGNED) AS snapshots
            """, [])
        guard let row = rows.first else { throw .unexpectedData("The server did not tell its settings.") }
        try require("time_zone", "+00:00", try row.text("time_zone"))
        try require("character_set_client", "utf8mb4", try row.text("client"))
        try require("character_set_connection", "utf8mb4", try row.text("connection"))
        try require("innodb_snapshot_isolation", "1", String(try row.integer("snapshots")))
        guard try row.text("sql_mode").contains("STRICT_ALL_TABLES") else {
            throw .configuration("The server's sql_mode is not strict.")
        }
    }

    private static func require(_ name: String, _ expected: String, _ found: String) throws(MariaDBError) {
        guard found == expected else {
            throw .configuration("The server's \(name) is \(found), but must be \(expected).")
        }
    }
}
