import ArgumentParser
import Foundation
import LocalServices
import MariaDB
import Persistence

/// `curtail restore`.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring a backup back into an empty database, or prove that it can be brought back.",
        discussion: """
            With --verify the backup goes into a database of its own, which is dropped afterwards, and three things are
            proven: every file is what was written (SHA-256), dumping the restored database gives the same bytes again, and
            no invariant of the schema is broken. Without it, the backup goes into the database itself, which has to be
            empty, and the keys into the state directory, if it has none; the same is proven there.

            Examples:
              curtail restore /var/backups/curtail-2026-07-01 --verify
              curtail restore /var/backups/curtail-2026-07-01 --state-directory ./new
            """)

    @OptionGroup var services: ServiceOptions
    @Argument(help: ArgumentHelp("A folder that 'curtail backup' wrote.", valueName: "folder")) var folder: String
    @Flag(help: "Restore into a database of its own, prove it, drop it; nothing else is touched.") var verify = false
    @Flag(help: "Print one JSON object.") var json = false

    func run() async throws {
        let resolved = services.resolved(defaultState: ServiceOptions.servedState)
        let (archive, manifest) = try BackupArchive.open(folder)
        let proof = try await OperatorDatabase.with(resolved, migrates: false) { database in
            try await RestoreRun(archive: archive, manifest: manifest, services: resolved, url: database.url).run(
                on: database.pool, onlyProves: verify)
        }
        guard !json else { return print(try JSONOutput.text(proof)) }
        print(
            """
            \(verify ? "The backup can be restored" : "The backup is restored"): \(proof.tables) tables, \
            \(proof.rows) rows, the same \(proof.bytes) bytes when dumped again, no invariant broken.
            """)
    }
}

/// What a restore proved.
struct RestoreProof: Encodable {
    let tables: Int
    let rows: Int
    let bytes: Int
    let sha256: String
    let breaches: Int
}

/// Restores a backup and proves it.
struct RestoreRun {
    let archive: BackupArchive
    let manifest: BackupArchive.Manifest
    let services: ResolvedServices
    let url: String

    func run(on pool: MariaDBPool, onlyProves: Bool) async throws -> RestoreProof {
        let target = try DumpedDatabase(url: url)
        guard onlyProves else {
            let tables = try await pool.query(
                "SELECT COUNT(*) AS tables FROM information_schema.tables WHERE table_schema = DATABASE()")
            guard try tables.first?.integer("tables") == 0 else {
                throw CommandFailure(
                    "The database \(target.name) is not empty.",
                    hint: "restore into an empty one: another --state-directory or --database-url", status: .refused)
            }
            let proof = try await fill(target, pool)
            try restoreCredentials()
            return proof
        }
        return try await withScratch(target) { try await fill($0, $1) }
    }

    /// A database of its own on the same server.
    private func withScratch(
        _ database: DumpedDatabase, _ work: (DumpedDatabase, MariaDBPool) async throws -> RestoreProof
    ) async throws -> RestoreProof {
        var scratch = database
        scratch.name = "curtail_restore_\(ProcessInfo.processInfo.processIdentifier)"
        var configuration = try MariaDBConfiguration(url: url)
        configuration.database = nil
        let administrator = try await MariaDBConnection.connect(configuration)
        try await administrator.runScript(
            "CREATE DATABASE \(scratch.name) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        configuration.database = scratch.name
        let result: Result<RestoreProof, any Error>
        do {
            let pool = try await MariaDBPool.open(configuration, limit: 2)
            do { result = .success(try await work(scratch, pool)) } catch { result = .failure(error) }
            await pool.close()
        } catch {
            result = .failure(error)
        }
        try await administrator.runScript("DROP DATABASE \(scratch.name)")
        await administrator.close()
        return try result.get()
    }

    private func fill(_ database: DumpedDatabase, _ pool: MariaDBPool) async throws -> RestoreProof {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "curtail-restore-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let dump = DatabaseDump(log: "\(folder.path)/log")
        try await dump.read(archive.dump, into: database)
        let again = "\(folder.path)/again.sql"
        try await dump.write(database, to: again)
        let (bytes, digest) = try BackupArchive.digest(again)
        guard let original = manifest.files.first(where: { $0.name == BackupArchive.dumpName }),
            original.sha256 == digest
        else {
            throw CommandFailure(
                "The restored database differs from the backup.", hint: "keep the backup, and report this as a defect")
        }
        let breaches = try await Invariants(directory: services.database).breaches(on: pool)
        guard breaches.isEmpty else {
            throw CommandFailure(
                "The restored database breaks \(breaches.count) invariants, the first: \(breaches[0]).",
                hint: "restore an older backup, and report this as a defect")
        }
        let (tables, rows) = try await Self.rows(pool)
        return RestoreProof(tables: tables, rows: rows, bytes: bytes, sha256: digest, breaches: 0)
    }

    private static func rows(_ pool: MariaDBPool) async throws -> (tables: Int, rows: Int) {
        let names = try await pool.query(
            """
            SELECT table_name AS name FROM information_schema.tables
            WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name
            """
        ).map { try $0.text("name") }
        let rows = try await pool.withConnection { connection in
            try connection.execute("CREATE TEMPORARY TABLE counted_rows (counted BIGINT)")
            // The names come from the server's own catalogue.
            for name in names {
                try connection.runScript("INSERT INTO counted_rows SELECT COUNT(*) FROM `\(name)`")
            }
            let sum = try connection.query("SELECT COALESCE(SUM(counted), 0) AS total FROM counted_rows")
            try connection.runScript("DROP TEMPORARY TABLE counted_rows")
            return Int(try sum.first?.integer("total") ?? 0)
        }
        return (names.count, rows)
    }

    private func restoreCredentials() throws {
        let saved = "\(archive.path)/\(BackupArchive.credentialsName)"
        let files = FileManager.default
        guard files.fileExists(atPath: saved), !files.fileExists(atPath: services.credentials) else { return }
        try files.copyItem(atPath: saved, toPath: services.credentials)
    }
}
