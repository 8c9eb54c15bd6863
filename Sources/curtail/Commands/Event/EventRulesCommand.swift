import ArgumentParser
import Measures
import OpenADR
import VirtualTopNode

/// `curtail event rules`: what a programme says where the standard leaves it open.
struct EventRulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Show or set what a programme says where OpenADR leaves it open.",
        discussion: """
            Without an option the rules are shown. They count for events that are called or changed from then on.

            Examples:
              curtail event rules http://curtail.example/programmes/manual
              curtail event rules http://curtail.example/programmes/manual --unanswered optIn --overlap refuse
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The programme, a URI.", valueName: "uri"))
    var program: String

    @Option(help: ArgumentHelp("How a VEN counts that has not answered: optIn or optOut.", valueName: "opt"))
    var unanswered: OptArgument?

    @Option(help: ArgumentHelp("An event in a time that a VEN opted out of: allow or refuse.", valueName: "rule"))
    var duringOptOut: ConflictArgument?

    @Option(help: ArgumentHelp("An event that overlaps another one of the VEN: allow or refuse.", valueName: "rule"))
    var overlap: ConflictArgument?

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Line: Encodable {
        let program: String
        let rules: ProgrammeRules
    }

    func run() async throws {
        let programme = MarketContext(program)
        let rules = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            var rules = try await database.topNode.rules(of: programme)
            guard unanswered != nil || duringOptOut != nil || overlap != nil else { return rules }
            rules.unanswered = unanswered?.type ?? rules.unanswered
            rules.duringOptOut = duringOptOut?.rule ?? rules.duringOptOut
            rules.overlap = overlap?.rule ?? rules.overlap
            try await database.topNode.setRules(rules, of: programme)
            return rules
        }
        guard !json else { return print(try JSONOutput.text(Line(program: program, rules: rules))) }
        print(
            """
            \(program)
              unanswered      \(rules.unanswered.rawValue)
              during opt-out  \(rules.duringOptOut.rawValue)
              overlap         \(rules.overlap.rawValue)
            """)
    }
}
