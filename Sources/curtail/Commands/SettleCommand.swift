import ArgumentParser
import DemandResponse
import Foundation

/// `curtail settle`: from readings to rewards, and the proof of it.
struct SettleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle",
        abstract: "Count events, book rewards, prove both, and try baseline rules.",
        subcommands: [
            SettleListCommand.self, SettleRunCommand.self, SettleExplainCommand.self, SettleReplayCommand.self,
            SettleVerifyCommand.self, SettleDisputeCommand.self, SettleOutageCommand.self, SettlePlaceboCommand.self,
        ])
}

/// `curtail settle placebo`: how near each baseline rule comes where the truth is known.
struct SettlePlaceboCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "placebo",
        abstract: "Try every baseline rule on days without an event.",
        discussion: """
            Pretends an event on business days on which none took place, works out each rule's baseline with what was \
            known an hour before it, and compares it with what was really drawn. An error in percent of the mean load; \
            in brackets the bias on the fifth of the days with the highest load, where above zero means paying for \
            nothing.

            FOLDER holds load series in CSV, as 'curtail demo --data' reads them, or is the reference folder with its \
            'load' and 'forecast/series'.

            Examples:
              curtail settle placebo meters
              curtail settle placebo meters --hours 17-21 --days 40 --json
            """)

    @Argument(help: ArgumentHelp("A folder of load series in CSV.", valueName: "folder"))
    var folder: String

    @Option(help: ArgumentHelp("The hours of the events, on the local clock.", valueName: "from-to"))
    var hours = "15-19"

    @Option(help: ArgumentHelp("How many of the latest business days are tried (4 to 400).", valueName: "count"))
    var days = 60

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard window != nil else { throw ValidationError("--hours takes two hours such as 15-19, not '\(hours)'.") }
        guard (4...400).contains(days) else { throw ValidationError("--days takes 4 to 400, not \(days).") }
    }

    private var window: PlaceboSet.Hours? {
        let parts = hours.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let first = parts[0], let last = parts[1], (1..<last).contains(first), last <= 24
        else { return nil }
        return PlaceboSet.Hours(first: first, last: last)
    }

    func run() async throws {
        guard let window else { return }
        let console = Console(steps: 2, quiet: json)
        console.begin("reading load series")
        let sets = try PlaceboSet.all(in: folder, hours: window, latest: days).filter { !$0.days.isEmpty }
        console.finish("\(sets.count) series, \(sets.reduce(0) { $0 + $1.days.count }) days")
        guard !sets.isEmpty else {
            throw CommandFailure(
                "No series in \(folder) has a business day without gaps.",
                hint: "give series of some weeks, in steps of an hour or less")
        }
        let rules =
            BaselineRule.standard.filter { $0.id != BaselineRule.controlGroup?.id }
            + [BaselineRule.bestByPlacebo(of: BaselineRule.gridOperators)].compactMap(\.self)
        console.begin("trying \(rules.count) rules")
        let table = await PlaceboTable.make(sets, rules: rules) {
            console.progress($0, of: sets.count * rules.count)
        }
        console.finish("done")
        print(json ? try JSONOutput.text(table) : table.rendered())
    }
}
