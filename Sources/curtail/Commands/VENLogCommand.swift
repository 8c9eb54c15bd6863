import ArgumentParser
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// `curtail ven log`: every message in and out of the VTN.
struct VENLogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Search the VTN's payload log: every message in and out.",
        discussion: """
            Works while 'curtail serve' runs on the same state directory. Entries are in the order of the messages; '<'
            came from a VEN, '>' went to it. Filters are joined by and. Texts are kept up to 16 KiB.

            Examples:
              curtail ven log                              the last 50 messages
              curtail ven log --ven plant-7 --since 1h
              curtail ven log --trouble                    refused, answered with an error, or tolerated
              curtail ven log --message oadrUpdateReport --code 452 --payload
              curtail ven log --find 'evt-42' --json
              curtail ven log --ven plant-7 --follow
            """)

    @OptionGroup var services: ServiceOptions

    @Option(help: ArgumentHelp("Only this VEN.", valueName: "id"))
    var ven: String?

    @Option(help: "Only what was received or sent, as the VTN sees it.")
    var direction: DirectionArgument?

    @Option(help: ArgumentHelp("Only this message, such as oadrPoll.", valueName: "name"))
    var message: String?

    @Option(help: ArgumentHelp("Only messages with this response code, such as 452.", valueName: "code"))
    var code: Int?

    @Option(help: ArgumentHelp("Only answers with this HTTP status, such as 406.", valueName: "status"))
    var status: Int?

    @Option(help: ArgumentHelp("Only since then: a span such as 1h, or 2026-07-01T12:00:00Z.", valueName: "time"))
    var since: MomentArgument?

    @Option(help: ArgumentHelp("Only until then.", valueName: "time"))
    var until: MomentArgument?

    @Option(help: ArgumentHelp("Only messages with this in their text.", valueName: "text"))
    var find: String?

    @Flag(help: "Only what was refused, answered with an error, or tolerated.")
    var trouble = false

    @Flag(help: "Show the messages themselves.")
    var payload = false

    @Option(help: ArgumentHelp("How many of the newest entries (1 to 10000).", valueName: "count"))
    var limit = 50

    @Flag(help: "Go on with new entries until Ctrl-C.")
    var follow = false

    @Flag(help: "Print one JSON object per line.")
    var json = false

    enum DirectionArgument: String, ExpressibleByArgument, CaseIterable {
        case received
        case sent
    }

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes 1 to 10000.") }
        if let code, ResponseCode(rawValue: code) == nil { throw ValidationError("--code takes 0 to 999.") }
        if let status, !(100...599).contains(status) { throw ValidationError("--status takes 100 to 599.") }
        if let message, Payload.services[message] == nil {
            throw ValidationError("--message takes the name of a message such as oadrPoll, not '\(message)'.")
        }
    }

    func run() async throws {
        let services = services.resolved(defaultState: ServiceOptions.servedState)
        let now = SystemTime().now()
        let filter = PayloadLogStore.Filter(
            venID: ven.map { VENID($0) }, direction: direction.flatMap { .init(rawValue: $0.rawValue) },
            message: message, code: code.flatMap { ResponseCode(rawValue: $0) }, status: status,
            since: since?.instant(before: now), until: until?.instant(before: now), text: find, onlyTrouble: trouble)
        let printer = PayloadLogPrinter(showsPayload: payload, isJSON: json)
        try await OperatorDatabase.with(services) { database in
            let log = PayloadLogStore(database.pool)
            guard follow else {
                let entries = try await log.entries(filter, limit: limit)
                if entries.isEmpty, !json { print("No message in the log passes the filter.") }
                return try printer.print(entries)
            }
            try await Interruption.cancelling { try await show(log, filter, printer) }
        }
    }

    /// Entries as they come, without end.
    private func show(
        _ log: PayloadLogStore, _ filter: PayloadLogStore.Filter, _ printer: PayloadLogPrinter
    ) async throws {
        var last: Int64 = 0
        var count = limit
        while true {
            let entries = try await log.entries(filter, after: last, limit: count)
            try printer.print(entries)
            last = entries.last?.id ?? last
            // What comes between two looks is shown to the last one.
            count = 10_000
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}

/// A moment as people write it: a span before now, or a time in UTC.
struct MomentArgument: ExpressibleByArgument, Hashable {
    private enum Form: Hashable {
        case ago(TimeSpan)
        case at(Instant)
    }

    private let form: Form

    init?(argument: String) {
        if let span = SpanArgument(argument: argument) {
            form = .ago(span.span)
        } else if let instant = Instant(utc: argument) {
            form = .at(instant)
        } else {
            return nil
        }
    }

    func instant(before now: Instant) -> Instant {
        switch form {
        case .ago(let span): now - span
        case .at(let instant): instant
        }
    }
}
