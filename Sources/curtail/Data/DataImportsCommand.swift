import ArgumentParser
import Measures
import Persistence

/// `curtail data imports`: what was imported.
struct DataImportsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "imports", abstract: "List imports, the latest first.")

    @OptionGroup var services: ServiceOptions
    @Option(help: ArgumentHelp("At most this many (1 to 500).", valueName: "count")) var limit = 20
    @Option(help: ArgumentHelp("Go on after this batch.", valueName: "batch")) var after: String?
    @Flag(help: "Print one JSON array.") var json = false

    private struct Line: Encodable {
        let batch: Int64
        let file: String
        let actor: String
        let state: String
        let values: Int
        let refused: Int
        let started: String
    }

    func run() async throws {
        let page = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            try await ImportStore($0.pool).batches(
                page: PageRequest(after: after.map { PageCursor($0) }, limit: limit))
        }
        let lines = page.items.map {
            Line(
                batch: $0.id.rawValue, file: $0.file, actor: $0.actor.name, state: $0.state.rawValue,
                values: $0.values, refused: $0.refused, started: $0.startedAt.description)
        }
        guard !json else { return print(try JSONOutput.text(lines)) }
        guard !lines.isEmpty else { return print("Nothing was imported yet.") }
        var table = TextTable(
            ["batch", "file", "state", "values", "refused", "started", "by"], leftColumns: [1, 2, 5, 6])
        for line in lines {
            table.add([
                "\(line.batch)", line.file, line.state, "\(line.values)", "\(line.refused)", line.started, line.actor,
            ])
        }
        print(table.rendered())
        if let next = page.next { print("more: --after \(next.text)") }
    }
}

/// `curtail data undo`.
struct DataUndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Take an import back.",
        discussion: """
            Readings that it brought go, those that it replaced come back, and what was corrected since stays. Nothing is
            lost: the table meter_data_replaced keeps all that ever was.
            """)

    @OptionGroup var services: ServiceOptions
    @Argument(help: ArgumentHelp("The number of the batch.", valueName: "batch")) var batch: Int64
    @OptionGroup var output: ChangeOptions

    func run() async throws {
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            try await ImportStore($0.pool).undo(BatchID(batch), by: Lookup.operatorActor)
        }
        try output.say("Batch \(batch) is undone.", ["batch": "\(batch)"])
    }
}
