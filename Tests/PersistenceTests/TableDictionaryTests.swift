import FoundationEssentials
import MariaDB
import Persistence
import Testing

@Suite struct TableDictionaryTests {
    @Test func `the README describes the tables and columns that there are`() async throws {
        let data = try #require(FileManager.default.contents(atPath: databaseFolder + "/README.md"))
        var described: [String: [String]] = [:]
        var table = ""
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            if line.hasPrefix("#### ") {
                table = String(line.dropFirst(5))
                described[table] = []
            } else if line.hasPrefix("| `"), !table.isEmpty {
                described[table, default: []].append(String(line.dropFirst(3).prefix { $0 != "`" }))
            }
        }
        let expected = described
        try await withDatabase("dictionary") { pool in
            let rows = try await pool.query(
                """
                SELECT table_name AS tab, column_name AS col, column_comment AS note FROM information_schema.columns
                WHERE table_schema = DATABASE() AND table_name NOT LIKE 'schema\\_%'
                ORDER BY table_name, ordinal_position
                """)
            var live: [String: [String]] = [:]
            for row in rows { live[try row.text("tab"), default: []].append(try row.text("col")) }
            #expect(live == expected)
        }
    }

    @Test func `the drawing has every table`() async throws {
        let data = try #require(FileManager.default.contents(atPath: databaseFolder + "/README.md"))
        let text = String(decoding: data, as: UTF8.self)
        let drawing = text.split(separator: "```", omittingEmptySubsequences: false).dropFirst().first ?? ""
        let drawn = Set(
            drawing.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
        try await withDatabase("drawing") { pool in
            let tables = try await pool.query(
                """
                SELECT table_name AS name FROM information_schema.tables
                WHERE table_schema = DATABASE() AND table_name NOT LIKE 'schema\\_%'
                """
            ).map { try $0.text("name") }
            #expect(Set(tables).subtracting(drawn).isEmpty)
        }
    }
}
