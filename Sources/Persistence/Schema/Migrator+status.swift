public import MariaDB

extension Migrator {
    /// A file of the program and whether this database has it.
    public struct FileStatus: Hashable, Sendable {
        public enum State: String, Hashable, Codable, Sendable {
            case applied
            /// The next start applies it.
            case pending
            /// Applied as another text: a migration must not change, a trigger is applied again.
            case changed
        }

        /// Such as `0001-accounts` or `triggers/add-user-id`.
        public let name: String
        public let state: State
    }

    /// What a run would find, without changing anything.
    public func status(on pool: MariaDBPool) async throws -> [FileStatus] {
        try await pool.withConnection { connection in
            let tables = try connection.query(
                """
                SELECT table_name AS name FROM information_schema.tables
                WHERE table_schema = DATABASE() AND table_name IN ('schema_migrations', 'schema_triggers')
                """)
            var migrations: [Int: [UInt8]] = [:]
            var triggers: [String: [UInt8]] = [:]
            if tables.count == 2 {
                for row in try connection.query("SELECT version, checksum FROM schema_migrations") {
                    migrations[Int(try row.integer("version"))] = try row.bytes("checksum")
                }
                for row in try connection.query("SELECT name, checksum FROM schema_triggers") {
                    triggers[try row.text("name")] = try row.bytes("checksum")
                }
            }
            func state(_ file: SchemaFiles.File, _ known: [UInt8]?) -> FileStatus.State {
                known.map { $0 == hash(Array(file.text.utf8)) ? .applied : .changed } ?? .pending
            }
            return files.migrations.map { file in
                FileStatus(
                    name: "\(SchemaFiles.fourDigits(file.version))-\(file.name)",
                    state: state(file, migrations[file.version]))
            }
                + files.triggers.map { file in
                    FileStatus(name: "triggers/\(file.name)", state: state(file, triggers[file.name]))
                }
        }
    }
}
