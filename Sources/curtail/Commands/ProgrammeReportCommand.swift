import ArgumentParser
import DemandResponse
import Persistence

/// `curtail programme report`.
struct ProgrammeReportCommand: AsyncParsableCommand {
    enum Form: String, ExpressibleByArgument, CaseIterable { case table, csv, html }

    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Delivered against target, cost and fairness, by event, feeder, class and baseline error.",
        discussion: """
            Noise rent is what the events would have paid if nobody had done anything: each meter's baseline is tried on \
            its own days without an event, and settled. The page (--format html) prints well and needs no network.

            Examples:
              curtail programme report "Summer peak"
              curtail programme report "Summer peak" --format html > report.html
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: "The programme's name.")
    var name: String

    @Option(help: "How it is written: table, csv (one line for each site and event) or html.")
    var format = Form.table

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let report = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            database in
            guard let report = try await database.settlementDesk.report(name) else {
                throw CommandFailure.noProgram(name)
            }
            return report
        }
        if json { return print(try JSONOutput.text(report)) }
        guard !report.rows.isEmpty else {
            throw CommandFailure(
                "\(name) has no settled event.", hint: "settle one with 'curtail settle run'", status: .notFound)
        }
        switch format {
        case .table: print(report.rendered())
        case .csv: print(report.csv)
        case .html: print(report.page)
        }
    }
}
