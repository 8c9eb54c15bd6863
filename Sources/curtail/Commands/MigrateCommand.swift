import ArgumentParser
import MariaDB
import Persistence

/// `curtail migrate`: the schema of the database.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Show or apply the migrations and triggers of the database.",
        discussion: """
            'curtail serve' applies what is missing when it starts. On a Galera cluster, migrate through one node first:
            the lock that starters queue at is a node's own.

            Examples:
              curtail migrate status
              curtail migrate up --database-url mariadb://curtail@db/curtail
            """,
        subcommands: [MigrateStatusCommand.self, MigrateUpCommand.self])
}

struct MigrateStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show which files the database has.")

    @OptionGroup var services: ServiceOptions
    @Flag(help: "Print one JSON array.") var json = false

    private struct Line: Encodable {
        let name: String
        let state: String
    }

    func run() async throws {
        let resolved = services.resolved(defaultState: ServiceOptions.servedState)
        let migrator = Migrator(try SchemaFiles(directory: resolved.database), sha256: Runtime.sha256)
        let lines = try await OperatorDatabase.with(resolved, migrates: false) {
            try await migrator.status(on: $0.pool)
        }.map { Line(name: $0.name, state: $0.state.rawValue) }
        guard !json else { return print(try JSONOutput.text(lines)) }
        var table = TextTable(["file", "state"], leftColumns: [0, 1])
        for line in lines { table.add([line.name, line.state]) }
        print(table.rendered())
    }
}

struct MigrateUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "up", abstract: "Apply what the database lacks.")

    @OptionGroup var services: ServiceOptions
    @Flag(help: "Print one JSON object.") var json = false

    private struct Output: Encodable {
        let migrations: [String]
        let triggers: [String]
    }

    func run() async throws {
        let resolved = services.resolved(defaultState: ServiceOptions.servedState)
        let migrator = Migrator(try SchemaFiles(directory: resolved.database), sha256: Runtime.sha256)
        let report = try await OperatorDatabase.with(resolved, migrates: false) { try await migrator.run(on: $0.pool) }
        guard !json else {
            return print(try JSONOutput.text(Output(migrations: report.migrations, triggers: report.triggers)))
        }
        guard !report.migrations.isEmpty || !report.triggers.isEmpty else {
            return print("The database is up to date.")
        }
        for name in report.migrations { print("migration \(name)") }
        for name in report.triggers { print("triggers of \(name)") }
    }
}
