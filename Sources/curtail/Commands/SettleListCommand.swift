import ArgumentParser
import DemandResponse
import Measures
import Persistence

/// `curtail settle list`.
struct SettleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the events of programmes and how far they are settled.",
        discussion: """
            Open: not settled yet. Provisional: settled, not for good. Final: every booked meter is. Cancelled events and \
            tests are not listed.

            Example:
              curtail settle list --limit 20
            """)

    @OptionGroup var services: ServiceOptions

    @Option(help: "How many of the latest events.")
    var limit = 50

    @Flag(help: "Print one JSON array.")
    var json = false

    struct Line: Codable {
        let event: String
        let programme: String
        let start: String?
        let end: String?
        /// `calling`, `open`, `provisional` or `final`.
        let state: String
        let booked: Int
        let waiting: Int
        let openDisputes: Int
        let paid: String?

        init(_ line: SettlementOverview.Line, now: Instant) {
            event = line.event.rawValue
            programme = line.programme
            start = line.window?.start.description
            end = line.window?.end.description
            state =
                if line.booked > 0 {
                    line.final == line.booked ? "final" : "provisional"
                } else {
                    line.window.map { $0.end <= now } ?? false ? "open" : "calling"
                }
            booked = line.booked
            waiting = line.waiting
            openDisputes = line.openDisputes
            paid = line.paid.map { "\($0)" }
        }
    }

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes 1 to 10000, not \(limit).") }
    }

    func run() async throws {
        let now = SystemTime().now()
        let lines = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            try await SettlementOverview($0.pool).lines(limit: limit).map { Line($0, now: now) }
        }
        guard !json else { return print(try JSONOutput.text(lines)) }
        guard !lines.isEmpty else { return print("No programme has an event. Call one with 'curtail event create'.") }
        var table = TextTable(
            ["event", "programme", "end", "state", "booked", "waiting", "disputes", "paid"], leftColumns: [0, 1, 2, 3])
        for line in lines {
            table.add([
                line.event, line.programme, line.end ?? "open", line.state, "\(line.booked)", "\(line.waiting)",
                "\(line.openDisputes)", line.paid ?? "-",
            ])
        }
        print(table.rendered())
    }
}
