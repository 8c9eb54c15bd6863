import ArgumentParser
import DemandResponse
import Measures
import OpenADR
import Persistence

/// `curtail dispatch replan`.
struct DispatchReplanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replan",
        abstract: "Plan the rest of an event again, after opt-outs and by what meters show.",
        discussion: """
            Calls that were made stay as they are. Those who opted out count nothing; those who take part count with what
            their meters have shown so far. For what is missing then, others are called, in an event of their own that
            ends with the first one. Intervals that have begun are left alone.

            Examples:
              curtail dispatch replan 12
              curtail dispatch replan 12 --publish
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The number of a published plan.", valueName: "plan"))
    var plan: Int64

    @Option(help: ArgumentHelp("The programme, a URI.", valueName: "uri"))
    var program = DispatchPlanCommand.defaultProgram

    @Option(help: ArgumentHelp("Stop within this share of the best (0 to 0.5).", valueName: "share"))
    var gap = 0.0025

    @Flag(help: "Call the others at once.")
    var publish = false

    @Option(help: ArgumentHelp("Write a plot to this file.", valueName: "file"))
    var svg: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Output: Encodable {
        let completes: Int64
        let number: Int64?
        let event: String?
        let findings: [DispatchReplan.Finding]
        let plan: DispatchOutput
    }

    func validate() throws {
        guard gap >= 0, gap <= 0.5 else { throw ValidationError("--gap takes 0 to 0.5, not \(gap).") }
    }

    func run() async throws {
        let now = SystemTime().now()
        let context = MarketContext(program)
        let (outcome, number, event) = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            let outcome = try await DispatchReplan(pool: database.pool, marketContext: context, now: now)
                .outcome(plan, DispatchRecord.Settings(gap: gap, seconds: 60))
            guard !outcome.record.plan.calls.isEmpty else { return (outcome, Int64?.none, EventID?.none) }
            let number = try await outcome.record.keep(database.pool, follows: outcome.root)
            guard publish else { return (outcome, number, nil) }
            let publication = try DispatchPublication(outcome.record, marketContext: context, now: now)
            return (outcome, number, try await publication.publish(number, database.topNode, database.pool, now: now))
        }
        if let svg { try InputFile.write(DispatchPicture(outcome.record).svg(), to: svg, flag: "--svg") }
        guard !json else {
            return print(
                try JSONOutput.text(
                    Output(
                        completes: outcome.root, number: number, event: event?.rawValue, findings: outcome.findings,
                        plan: DispatchOutput(outcome.record, number: number))))
        }
        print(Self.table(outcome.findings))
        print("")
        guard let number else {
            return print(
                "Nobody else has to be called."
                    + (outcome.record.plan.reason.map { " But nobody else can be either: \($0)." } ?? ""))
        }
        print(outcome.record.summary(all: false))
        print(event.map { "  \($0) is published" } ?? "  next  curtail dispatch publish \(number) --preview")
    }

    private static func table(_ findings: [DispatchReplan.Finding]) -> String {
        var table = TextTable(
            ["called", "event", "answer", "delivers", "expected kW"], leftColumns: [0, 1, 2])
        for finding in findings {
            let answer =
                switch finding.state {
                case .optedOut: "opted out"
                case .unanswered: "none yet"
                case .takesPart: "takes part"
                }
            table.add([
                finding.resource, finding.event, answer,
                finding.deliveredShare.map { "\(($0 * 100).fixed(0)) %" } ?? "", finding.expected.fixed(1),
            ])
        }
        return table.rendered()
    }
}
