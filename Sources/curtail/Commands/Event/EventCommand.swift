import ArgumentParser
import Foundation
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// `curtail event`: what an operator does with events.
struct EventCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event",
        abstract: "Call, change, list and cancel events.",
        discussion: "Works on the database of a running 'curtail serve', or on the one that --database-url names.",
        subcommands: [
            EventCreateCommand.self, EventModifyCommand.self, EventListCommand.self, EventCancelCommand.self,
            EventRulesCommand.self,
        ])
}

/// `curtail event list`: what was called, and what the VENs said.
struct EventListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List events and the answers of the VENs, the latest first.",
        discussion: """
            Examples:
              curtail event list
              curtail event list --limit 5 --json
            """)

    @OptionGroup var services: ServiceOptions

    @Option(help: ArgumentHelp("At most this many events (1 to 1000).", valueName: "count"))
    var limit = 20

    @Flag(help: "Print one JSON array.")
    var json = false

    func validate() throws {
        guard (1...1_000).contains(limit) else { throw ValidationError("--limit takes 1 to 1000, not \(limit).") }
    }

    func run() async throws {
        let now = SystemTime().now()
        let lines = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            try await TopNodeOverview(database.pool).events(limit: limit).map {
                EventLine($0.record, $0.participations, now: now)
            }
        }
        guard !json else { return print(try JSONOutput.text(lines)) }
        guard !lines.isEmpty else { return print("There is no event. Call one with 'curtail event create'.") }
        var table = TextTable(["event", "status", "start", "span", "VENs"], leftColumns: [0, 1, 2, 3, 4])
        for line in lines { table.add(line.columns) }
        print(table.rendered())
    }
}

/// `curtail event cancel`.
struct EventCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel an event for all of its VENs.",
        discussion: """
            Examples:
              curtail event cancel event-1f2e3d4c
              curtail event cancel event-1f2e3d4c --reason "the line is back"
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The event's id, as 'curtail event list' shows it.", valueName: "event"))
    var event: String

    @Option(help: ArgumentHelp("Why, for the VENs' people.", valueName: "text"))
    var reason: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let now = SystemTime().now()
        let record = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            try await database.topNode.cancel(EventID(event), reason: reason, now: now)
        }
        guard !json else { return print(try JSONOutput.text(EventLine(record, [], now: now))) }
        print("\(record.eventID) is cancelled; its VENs hear of it with their next poll.")
    }
}
