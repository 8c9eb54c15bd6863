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
        abstract: "Call, list and cancel events.",
        discussion: "Works on the database of a running 'curtail serve', or on the one that --database-url names.",
        subcommands: [EventCreateCommand.self, EventListCommand.self, EventCancelCommand.self])
}

/// `curtail event create`: asks VENs to shed.
struct EventCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Ask VENs to shed load for a while.",
        discussion: """
            Publishes a LOAD_DISPATCH event; the VENs get it with their next poll, and answer with opt in or out.

            Examples:
              curtail event create --in 10m --duration 1h --reduce 20 --ven plant-7
              curtail event create --at 2026-07-15T17:00:00Z --duration 2h --reduce 5 --ven home-1 --ven home-2
            """)

    @OptionGroup var services: ServiceOptions

    @Option(name: .customLong("in"), help: ArgumentHelp("How long from now it begins, such as 10m.", valueName: "span"))
    var delay: SpanArgument?

    @Option(help: ArgumentHelp("When it begins, in UTC: 2026-07-15T17:00:00Z.", valueName: "time"))
    var at: String?

    @Option(help: ArgumentHelp("How long it lasts, such as 1h30m.", valueName: "span"))
    var duration: SpanArgument

    @Option(help: ArgumentHelp("How much less each VEN shall draw.", valueName: "kilowatts"))
    var reduce: Double

    @Option(name: .customLong("ven"), help: ArgumentHelp("A VEN that is asked; may be repeated.", valueName: "id"))
    var vens: [String]

    @Option(help: ArgumentHelp("1 is the most important, 0 none.", valueName: "number"))
    var priority: UInt32 = 1

    @Option(help: ArgumentHelp("The programme, a URI.", valueName: "uri"))
    var program = "http://curtail.example/programmes/manual"

    @Option(help: ArgumentHelp("The event's id; without it, a new one.", valueName: "id"))
    var id: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard (delay == nil) != (at == nil) else { throw ValidationError("Give one of --in and --at.") }
        if let at, Instant(utc: at) == nil {
            throw ValidationError("--at takes a time like 2026-07-15T17:00:00Z, not '\(at)'.")
        }
        guard duration.span >= .seconds(1) else { throw ValidationError("--duration takes 1s or more.") }
        guard reduce.isFinite, reduce > 0, reduce < 1e6 else {
            throw ValidationError("--reduce takes a number of kilowatts above 0.")
        }
        guard !vens.isEmpty else { throw ValidationError("Name at least one --ven.") }
        if let id, !VENAdmission.isName(id) {
            throw ValidationError("--id takes 1 to 64 letters, digits, '-', '_' and '.'.")
        }
    }

    func run() async throws {
        let now = SystemTime().now()
        let start = at.flatMap { Instant(utc: $0) } ?? now + (delay?.span ?? .zero)
        guard
            let terms = EventTerms(
                marketContext: MarketContext(program), start: start, steps: [duration.span],
                notification: max(start - now, .zero), priority: priority),
            let signal = ProgrammedSignal(.loadDispatchDelta, values: [-reduce * 1_000])
        else { throw ValidationError("The event has no steps.") }
        let participants = vens.map { ParticipantPlan(venID: VENID($0), signals: [signal]) }
        let eventID = EventID(id ?? "event-\(UUID().uuidString.prefix(8).lowercased())")
        let event = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            try await database.topNode.issue(eventID, terms: terms, participants: participants, now: now)
        }
        guard !json else { return print(try JSONOutput.text(EventLine(event, [], now: now))) }
        print(
            """
            \(event.eventID) is published: \(event.terms.start) for \(duration), \(reduce.fixed(1)) kW less from each of \
            \(vens.joined(separator: ", "))
              next  curtail event list
            """)
    }
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
            Example:
              curtail event cancel event-1f2e3d4c
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The event's id, as 'curtail event list' shows it.", valueName: "event"))
    var event: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let now = SystemTime().now()
        let record = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            try await database.topNode.cancel(EventID(event), now: now)
        }
        guard !json else { return print(try JSONOutput.text(EventLine(record, [], now: now))) }
        print("\(record.eventID) is cancelled; its VENs hear of it with their next poll.")
    }
}
