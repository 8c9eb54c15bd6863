import FoundationEssentials
import Glibc
import MariaDB
import Testing

@testable import Persistence

@Suite struct MigratorTests {
    private func migration(_ version: Int, _ name: String, _ text: String) -> SchemaFiles.File {
        SchemaFiles.File(version: version, name: name, path: "migrations/\(name).sql", text: text)
    }

    private func trigger(_ name: String, _ text: String) -> SchemaFiles.File {
        SchemaFiles.File(version: 0, name: name, path: "triggers/\(name).sql", text: text)
    }

    private func run(
        _ migrations: [SchemaFiles.File], _ triggers: [SchemaFiles.File] = [], on pool: MariaDBPool
    ) async throws -> Migrator.Report {
        try await Migrator(SchemaFiles(migrations: migrations, triggers: triggers), sha256: testHash).run(on: pool)
    }

    private let first = "CREATE TABLE IF NOT EXISTS a (id INT PRIMARY KEY)"

    @Test func `the schema builds from nothing and a second run does nothing`() async throws {
        try await withEmptyDatabase("migrate") { pool in
            let files = try SchemaFiles(directory: databaseFolder)
            let migrator = Migrator(files, sha256: testHash)
            let report = try await migrator.run(on: pool)
            #expect(report.migrations == files.migrations.map(\.name))
            #expect(report.triggers == files.triggers.map(\.name))
            #expect(try await migrator.run(on: pool) == Migrator.Report())
            let keyless = try await pool.query(
                """
                SELECT t.table_name AS name FROM information_schema.tables t
                LEFT JOIN information_schema.table_constraints c ON c.table_schema = t.table_schema
                    AND c.table_name = t.table_name AND c.constraint_type = 'PRIMARY KEY'
                WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'
                    AND (c.constraint_name IS NULL OR t.engine <> 'InnoDB')
                """)
            #expect(keyless.isEmpty)
        }
    }

    @Test func `each rule has a trigger file of its name`() throws {
        let files = try SchemaFiles(directory: databaseFolder).triggers.map(\.name)
        let rules = IntegrityRule.allCases.map { $0.rawValue.replacing("_", with: "-") }.sorted()
        #expect(files.filter { !$0.hasPrefix("cache-") && !$0.hasPrefix("keep-") } == rules)
    }

    @Test func `programs that start together build it once`() async throws {
        try await withEmptyDatabase("together") { pool in
            let files = try SchemaFiles(directory: databaseFolder)
            let migrator = Migrator(files, sha256: testHash)
            let applied = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await migrator.run(on: pool).migrations.count } }
                return try await group.reduce(0, +)
            }
            #expect(applied == files.migrations.count)
        }
    }

    @Test func `a migration that was changed afterwards is refused`() async throws {
        try await withEmptyDatabase("changed") { pool in
            _ = try await run([migration(1, "a", first)], on: pool)
            let changed = migration(1, "a", first + " ENGINE = InnoDB")
            await #expect(throws: MigrationError.changedMigration("migrations/a.sql")) {
                try await run([changed, migration(2, "b", "CREATE TABLE b (id INT PRIMARY KEY)")], on: pool)
            }
            #expect(try await pool.query("SHOW TABLES LIKE 'b'").isEmpty)
        }
    }

    @Test func `a database of a newer program is refused`() async throws {
        try await withEmptyDatabase("newer") { pool in
            let second = migration(2, "second", "CREATE TABLE IF NOT EXISTS b (id INT PRIMARY KEY)")
            let extra = trigger("extra", "CREATE OR REPLACE TRIGGER extra BEFORE INSERT ON a FOR EACH ROW SET @x = 1")
            _ = try await run([migration(1, "a", first), second], [extra], on: pool)
            await #expect(throws: MigrationError.newerSchema("migration 0002-second")) {
                try await run([migration(1, "a", first)], [extra], on: pool)
            }
            await #expect(throws: MigrationError.newerSchema("trigger extra")) {
                try await run([migration(1, "a", first), second], on: pool)
            }
        }
    }

    @Test func `a failing statement is named, and the file runs again when it is mended`() async throws {
        try await withEmptyDatabase("failing") { pool in
            let error = await #expect(throws: MigrationError.self) {
                try await run([migration(1, "a", first + ";\n\nCREATE TABEL c (id INT)")], on: pool)
            }
            let message = try #require(error).description
            #expect(message.hasPrefix("migrations/a.sql, line 3: CREATE TABEL c (id INT): "))
            let mended = migration(1, "a", first + ";\n\nCREATE TABLE c (id INT PRIMARY KEY)")
            #expect(try await run([mended], on: pool).migrations == ["a"])
        }
    }

    @Test func `a changed trigger takes the place of the old one`() async throws {
        try await withEmptyDatabase("trigger") { pool in
            func rule(_ value: Int) -> SchemaFiles.File {
                trigger(
                    "rule", "CREATE OR REPLACE TRIGGER rule BEFORE INSERT ON a FOR EACH ROW SET NEW.id = \(value)")
            }
            #expect(try await run([migration(1, "a", first)], [rule(7)], on: pool).triggers == ["rule"])
            #expect(try await run([migration(1, "a", first)], [rule(7)], on: pool).triggers.isEmpty)
            #expect(try await run([migration(1, "a", first)], [rule(8)], on: pool).triggers == ["rule"])
            try await pool.execute("INSERT INTO a VALUES (1)")
            #expect(try await pool.number("SELECT id FROM a") == 8)
        }
    }

    @Test func `numbers may be left out, but not used twice`() throws {
        let folder = "/tmp/curtail-migrations-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for path in ["migrations/0001-a.sql", "migrations/0010-b.sql", "triggers/t.sql"] {
            let file = "\(folder)/\(path)"
            try FileManager.default.createDirectory(
                atPath: String(file.prefix(upTo: file.lastIndex(of: "/") ?? file.endIndex)),
                withIntermediateDirectories: true)
            _ = FileManager.default.createFile(atPath: file, contents: Data("SELECT 1".utf8))
        }
        #expect(try SchemaFiles(directory: folder).migrations.map(\.version) == [1, 10])
        _ = FileManager.default.createFile(atPath: "\(folder)/migrations/0010-c.sql", contents: Data("SELECT 1".utf8))
        let error = #expect(throws: MigrationError.self) { try SchemaFiles(directory: folder) }
        #expect(error == .unusableFile("migrations/0010-c.sql", "migrations/0010-b.sql has the same number"))
    }

    @Test func `a folder without files is named`() {
        #expect(throws: MigrationError.noDirectory("/nowhere/migrations")) {
            try SchemaFiles(directory: "/nowhere")
        }
    }
}
