import ArgumentParser
import Measures
import MeterData
import Persistence

/// `curtail data clean`: finds what is wrong with a series.
struct DataCleanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean", abstract: "Find gaps, spikes, stuck and impossible values of a meter, and mend them.",
        discussion: """
            The readings stay as they came; a cleaning is a version over them, with who, when and why, and 'curtail data
            unclean' takes it back. Without --reason it shows what it would change, and changes nothing. A correction by the
            source takes the place of an edit.

            Examples:
              curtail data clean M-1 --from 2026-07-01 --to 2026-08-01
              curtail data clean M-1 --from 2026-07-01 --to 2026-08-01 --reason "monthly check"
            """)

    @OptionGroup var services: ServiceOptions
    @Argument(help: ArgumentHelp("The meter.", valueName: "name")) var meter: String
    @OptionGroup var span: WindowOptions
    @Option(help: ArgumentHelp("Why; without it nothing is changed.", valueName: "text")) var reason: String?
    @Option(help: ArgumentHelp("Gaps up to this are filled.", valueName: "span"))
    var fill = SpanArgument(.hours(3))
    @Flag(help: "The meter counts exports: values below zero are right.") var exports = false
    @Flag(help: "Print one JSON object.") var json = false

    private struct Output: Encodable {
        struct Edit: Encodable {
            let start: String
            let end: String
            let raw: Double?
            let cleaned: Double?
            let kind: String
        }

        let cleaning: Int64?
        let edits: [Edit]
    }

    func run() async throws {
        let window = try span.window()
        var rules = CleaningRules()
        rules.longestFilledGap = fill.span.seconds
        rules.mayExport = exports
        let output = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { [rules] database in
            let id = try await Lookup.meter(meter, database.pool).id
            let store = CleaningStore(database.pool)
            let edits = try await store.proposal(for: id, in: window, rules: rules)
            var cleaning: CleaningID?
            if let reason {
                cleaning = try await store.clean(
                    id, in: window, rules: rules, by: Lookup.operatorActor, reason: reason)
            }
            return Output(
                cleaning: cleaning?.rawValue,
                edits: edits.map {
                    .init(
                        start: $0.window.start.description, end: $0.window.end.description, raw: $0.raw?.value,
                        cleaned: $0.cleaned?.value, kind: $0.kind.rawValue)
                })
        }
        guard !json else { return print(try JSONOutput.text(output)) }
        guard !output.edits.isEmpty else { return print("Nothing is wrong with the readings of \(meter).") }
        var table = TextTable(["from (UTC)", "what", "raw Wh", "cleaned Wh"], leftColumns: [0, 1])
        for edit in output.edits.prefix(50) {
            table.add([edit.start, edit.kind, edit.raw?.fixed(1) ?? "-", edit.cleaned?.fixed(1) ?? "-"])
        }
        print(table.rendered())
        if output.edits.count > 50 { print("... \(output.edits.count) in all") }
        if let cleaning = output.cleaning {
            print("cleaning \(cleaning); take it back with: curtail data unclean \(cleaning) --reason TEXT")
        } else {
            print("nothing was changed; --reason TEXT makes it a version")
        }
    }
}

/// `curtail data unclean`.
struct DataUncleanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "unclean", abstract: "Take a cleaning back.")

    @OptionGroup var services: ServiceOptions
    @Argument(help: ArgumentHelp("The number of the cleaning.", valueName: "cleaning")) var cleaning: Int64
    @Option(help: ArgumentHelp("Why.", valueName: "text")) var reason: String
    @OptionGroup var output: ChangeOptions

    func run() async throws {
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            try await CleaningStore($0.pool).undo(CleaningID(cleaning), by: Lookup.operatorActor, reason: reason)
        }
        try output.say("Cleaning \(cleaning) is undone.", ["cleaning": "\(cleaning)"])
    }
}

/// `curtail data edit`: another value for one interval, by hand.
struct DataEditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Take another value for one interval, or none.",
        discussion: """
            Example:
              curtail data edit M-1 2026-07-01T12:00:00Z --to 250 --reason "read on site"
            """)

    @OptionGroup var services: ServiceOptions
    @Argument(help: ArgumentHelp("The meter.", valueName: "name")) var meter: String
    @Argument(help: ArgumentHelp("When the interval begins, in UTC.", valueName: "time")) var start: String
    @Option(help: ArgumentHelp("The energy; without it, the interval is not believed.", valueName: "Wh"))
    var to: Double?
    @Option(help: ArgumentHelp("Why.", valueName: "text")) var reason: String
    @OptionGroup var output: ChangeOptions

    func validate() throws {
        guard Instant(utc: start) != nil else {
            throw ValidationError("'\(start)' is no time like 2026-07-01T12:00:00Z.")
        }
        if let to, !to.isFinite || to.magnitude >= 1e15 { throw ValidationError("--to takes a number of Wh.") }
    }

    func run() async throws {
        let at = Instant(utc: start) ?? Instant(secondsSinceEpoch: 0)
        let id = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            let id = try await Lookup.meter(meter, database.pool).id
            return try await CleaningStore(database.pool).edit(
                id, at: at, to: to.map { WattHours($0) }, by: Lookup.operatorActor, reason: reason)
        }
        try output.say(
            "Cleaning \(id.rawValue): \(meter) at \(start) is \(to.map { "\($0) Wh" } ?? "not believed").",
            ["cleaning": "\(id.rawValue)"])
    }
}
