import ArgumentParser
import LocalServices
import Measures

/// `curtail backup`.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the database and the keys into a folder, also while the VTN serves.",
        discussion: """
            The dump is one transaction of mariadb-dump: it holds what was true at one moment, whatever is written
            meanwhile. The folder is readable by its owner only, as it has keys in it. Try a backup with
            'curtail restore FOLDER --verify'.

            Examples:
              curtail backup /var/backups/curtail-2026-07-01
            """)

    @OptionGroup var services: ServiceOptions
    @Argument(help: ArgumentHelp("A folder that does not exist yet.", valueName: "folder")) var folder: String
    @Flag(help: "Print one JSON object: the manifest.") var json = false

    func run() async throws {
        let resolved = services.resolved(defaultState: ServiceOptions.servedState)
        let manifest = try await OperatorDatabase.with(resolved, migrates: false) { database in
            let archive = try BackupArchive.create(folder)
            try await DatabaseDump(log: archive.log).write(
                try DumpedDatabase(url: database.url), to: archive.dump)
            try archive.copyCredentials(from: resolved.credentials)
            return try archive.seal(at: SystemTime().now())
        }
        guard !json else { return print(try JSONOutput.text(manifest)) }
        let bytes = manifest.files.reduce(0) { $0 + $1.bytes }
        print(
            """
            \(folder): \(manifest.files.count) files, \(bytes) bytes
              next  curtail restore \(folder) --verify
            """)
    }
}
