public import MariaDB

/// Brings the schema of a database up to date.
///
/// MariaDB commits at every DDL statement, so a migration cannot be undone as a whole: its statements are written so that
/// they may run again (`IF NOT EXISTS`), and a file is recorded when all of it is done. An interrupted start is mended by
/// the next one.
///
/// Programs that start at the same time queue at a named lock of the server. On a Galera cluster that lock is one
/// node's: start one program first, or send all of them to the same node for it; two nodes would do the same statements
/// one after the other, as the cluster orders DDL, and the second one finds them done.
public struct Migrator: Sendable {
    /// What a run did, by name.
    public struct Report: Hashable, Sendable {
        public var migrations: [String] = []
        public var triggers: [String] = []
    }

    /// Seconds to wait for another program.
    private static let lockWait: Int64 = 30

    let files: SchemaFiles
    let hash: @Sendable ([UInt8]) -> [UInt8]

    /// `sha256` gives 32 bytes.
    public init(_ files: SchemaFiles, sha256: @escaping @Sendable ([UInt8]) -> [UInt8]) {
        self.files = files
        hash = sha256
    }

    /// Applies what is missing; nothing when the schema is up to date. Throws `MigrationError` or `MariaDBError`.
    public func run(on pool: MariaDBPool) async throws -> Report {
        try await pool.withConnection { connection in
            try lock(connection)
            defer { try? unlock(connection) }
            try connection.execute(Self.migrationsTable)
            try connection.execute(Self.triggersTable)
            var report = Report()
            try applyMigrations(connection, &report)
            try applyTriggers(connection, &report)
            return report
        }
    }

    // MARK: One starter at a time

    /// The name of a lock has at most 64 characters, as many as a database's alone.
    private func lock(_ connection: isolated MariaDBConnection) throws {
        let rows = try connection.query(
            "SELECT GET_LOCK(CONCAT('curtail.migrate.', LEFT(SHA2(DATABASE(), 256), 32)), ?) AS taken",
            [.integer(Self.lockWait)])
        guard try rows.first?.optionalInteger("taken") == 1 else { throw MigrationError.busy }
    }

    private func unlock(_ connection: isolated MariaDBConnection) throws {
        _ = try connection.query("SELECT RELEASE_LOCK(CONCAT('curtail.migrate.', LEFT(SHA2(DATABASE(), 256), 32)))")
    }

    // MARK: Migrations

    private func applyMigrations(_ connection: isolated MariaDBConnection, _ report: inout Report) throws {
        var applied: [Int: [UInt8]] = [:]
        for row in try connection.query("SELECT version, name, checksum FROM schema_migrations ORDER BY version") {
            let version = Int(try row.integer("version"))
            guard files.migrations.contains(where: { $0.version == version }) else {
                throw MigrationError.newerSchema(
                    "migration \(SchemaFiles.fourDigits(version))-\(try row.text("name"))")
            }
            applied[version] = try row.bytes("checksum")
        }
        for file in files.migrations {
            let checksum = hash(Array(file.text.utf8))
            if let known = applied[file.version] {
                guard known == checksum else { throw MigrationError.changedMigration(file.path) }
                continue
            }
            try run(file, connection)
            try connection.execute(
                """
                INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (?, ?, ?, UTC_TIMESTAMP())
                ON DUPLICATE KEY UPDATE version = version
                """, [.count(file.version), .text(file.name), .bytes(checksum)])
            report.migrations.append(file.name)
        }
    }

    // MARK: Triggers

    private func applyTriggers(_ connection: isolated MariaDBConnection, _ report: inout Report) throws {
        var applied: [String: [UInt8]] = [:]
        for row in try connection.query("SELECT name, checksum FROM schema_triggers") {
            applied[try row.text("name")] = try row.bytes("checksum")
        }
        if let unknown = applied.keys.sorted().first(where: { name in !files.triggers.contains { $0.name == name } }) {
            throw MigrationError.newerSchema("trigger \(unknown)")
        }
        for file in files.triggers {
            let checksum = hash(Array(file.text.utf8))
            guard applied[file.name] != checksum else { continue }
            try run(file, connection)
            try connection.execute(
                """
                INSERT INTO schema_triggers (name, checksum, applied_at) VALUES (?, ?, UTC_TIMESTAMP())
                ON DUPLICATE KEY UPDATE checksum = VALUES(checksum), applied_at = VALUES(applied_at)
                """, [.text(file.name), .bytes(checksum)])
            report.triggers.append(file.name)
        }
    }

    private func run(_ file: SchemaFiles.File, _ connection: isolated MariaDBConnection) throws {
        for statement in SQLScript(file.text).statements {
            do throws(MariaDBError) {
                try connection.runScript(statement.text)
            } catch {
                throw MigrationError.statementFailed(
                    file: file.path, line: statement.line, statement: statement.title, error)
            }
        }
    }

    private static let migrationsTable: StaticString = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            version    INT UNSIGNED NOT NULL COMMENT 'number of the file',
            name       VARCHAR(190) NOT NULL COMMENT 'title of the file',
            checksum   BINARY(32)   NOT NULL COMMENT 'SHA-256 of the file',
            applied_at DATETIME     NOT NULL COMMENT 'UTC',
            PRIMARY KEY (version)
        ) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
            COMMENT = 'migrations that were applied to this database'
        """

    private static let triggersTable: StaticString = """
        CREATE TABLE IF NOT EXISTS schema_triggers (
            name       VARCHAR(190) NOT NULL COMMENT 'name of the file',
            checksum   BINARY(32)   NOT NULL COMMENT 'SHA-256 of the file',
            applied_at DATETIME     NOT NULL COMMENT 'UTC',
            PRIMARY KEY (name)
        ) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
            COMMENT = 'trigger files as they were applied to this database'
        """
}
