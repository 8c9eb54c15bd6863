import ArgumentParser
import Measures
import MeterData
import Persistence

/// `curtail data preview`: what a file says, without a database.
struct DataPreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview", abstract: "Show how a file would be read, and its first values.")

    @OptionGroup var reading: ImportReading
    @Option(help: ArgumentHelp("Rows of values to show.", valueName: "count")) var rows = 10
    @Flag(help: "Print one JSON object.") var json = false

    private struct Output: Encodable {
        struct Value: Encodable {
            let meter: String
            let start: String
            let seconds: Int64
            let wattHours: Double
        }

        let plan: ImportPlan?
        let values: [Value]
        let problems: [RowProblem]
        let notes: [String]
    }

    func run() async throws {
        let file = try ValueFile(reading.file)
        let output: Output
        if let (values, plan) = try file.greenButton() {
            output = Output(plan: nil, values: values.prefix(rows).map(line), problems: [], notes: plan.notes)
        } else {
            let sample = try file.head(TableSniffer.sampleBytes)
            let plan = try reading.plan(sample, isWhole: sample.count == file.size)
            let zone = if case .zone(let name) = plan.clock { try ZoneRules(database: name) } else { ZoneRules.utc }
            var source = try TableSource(plan, zone: { _ in zone }, nextBytes: try file.pieces())
            var values: [ImportedValue] = []
            while values.count < rows, let chunk = try source.next() { values += chunk.values }
            output = Output(
                plan: plan, values: values.prefix(rows).map(line), problems: source.reader.problems, notes: plan.notes)
        }
        guard !json else { return print(try JSONOutput.text(output)) }
        if let plan = output.plan {
            print("delimiter '\(plan.delimiter)', \(plan.unit.rawValue), step \(SpanArgument(.seconds(plan.step)))")
        }
        for note in output.notes { print("note: \(note)") }
        var table = TextTable(["meter", "start", "span", "Wh"], leftColumns: [0, 1, 2])
        for value in output.values {
            table.add([
                value.meter.isEmpty ? "-" : value.meter, value.start,
                value.seconds == 0 ? "register" : SpanArgument(.seconds(value.seconds)).description,
                value.wattHours.fixed(1),
            ])
        }
        print(table.rendered())
        for problem in output.problems { print("problem: \(problem)") }
    }

    private func line(_ value: ImportedValue) -> Output.Value {
        .init(
            meter: value.meter, start: value.start.description, seconds: value.duration.seconds,
            wattHours: value.value)
    }
}

/// `curtail data import`.
struct DataImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Import a file of meter values.",
        discussion: """
            The same file again does nothing; one that was interrupted goes on. What it replaces is kept, so 'curtail data
            undo' takes it back. Rows that cannot be read are told with their lines, and the rest is imported; --strict
            imports all or nothing.
            """)

    @OptionGroup var services: ServiceOptions
    @OptionGroup var reading: ImportReading
    @Option(help: ArgumentHelp("The meter of a file that names none.", valueName: "name")) var meter: String?
    @Option(help: ArgumentHelp("Create meters that nobody knows, in this time zone.", valueName: "zone"))
    var createMeters: String?
    @Flag(help: "Read everything, write nothing.") var dryRun = false
    @Flag(help: "One transaction; nothing is written when a row has a problem.") var strict = false
    @Flag(help: "Import a file again that was imported before.") var again = false
    @Flag(help: "Print one JSON object.") var json = false

    func run() async throws {
        let file = try ValueFile(reading.file)
        let order = ImportOrder(
            file: file.name, digest: try file.digest(), actor: Lookup.operatorActor, meter: meter,
            unknownMeters: createMeters.map { .create(zone: $0) } ?? .refuse, isDryRun: dryRun, isAtomic: strict,
            repeats: again)
        let bar = ProgressBar("importing \(file.name)", total: file.size, isQuiet: json)
        let report = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            let store = ImportStore(database.pool)
            let now = SystemTime().now()
            if let (values, plan) = try file.greenButton() {
                return try await store.run(order, values: values, plan: plan, now: now)
            }
            let sample = try file.head(TableSniffer.sampleBytes)
            let plan = try reading.plan(sample, isWhole: sample.count == file.size)
            let pieces = try file.pieces()
            return try await store.run(order, plan: plan, now: now, nextBytes: pieces, progress: { bar.show($0) })
        }
        bar.finish()
        try ImportOutput.show(report, json: json)
    }
}

/// What an import did, for people and for machines.
enum ImportOutput {
    private struct Output: Encodable {
        let batch: Int64?
        let repetition: Bool
        let rows: Int
        let values: Int
        let missing: Int
        let refused: Int
        let problems: [RowProblem]
        let meters: Int
        let createdMeters: [String]
        let from: String?
        let to: String?
    }

    static func show(_ report: ImportReport, json: Bool) throws {
        guard !json else {
            return print(
                try JSONOutput.text(
                    Output(
                        batch: report.batch?.rawValue, repetition: report.isRepetition, rows: report.rows,
                        values: report.values, missing: report.missing, refused: report.refused,
                        problems: report.problems, meters: report.meters.count, createdMeters: report.createdMeters,
                        from: report.window?.start.description, to: report.window?.end.description)))
        }
        if report.isRepetition {
            return print("This file was imported before, as batch \(report.batch?.rawValue ?? 0); nothing was done.")
        }
        let span = report.window.map { ", \($0.start) to \($0.end)" } ?? ""
        let meters = report.meters.count
        print("\(report.values) values of \(meters) meter\(meters == 1 ? "" : "s")\(span)")
        if report.missing > 0 { print("\(report.missing) cells without a value") }
        if !report.createdMeters.isEmpty { print("\(report.createdMeters.count) new meters") }
        for problem in report.problems.prefix(10) { print("problem: \(problem)") }
        if report.refused > 10 { print("... \(report.refused) in all") }
        if let batch = report.batch {
            print("batch \(batch.rawValue); take it back with: curtail data undo \(batch.rawValue)")
        } else {
            print("nothing was written")
        }
    }
}
