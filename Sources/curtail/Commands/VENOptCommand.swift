import ArgumentParser
import Foundation
import Measures
import OpenADR
import VirtualEndNode

/// `curtail ven opt`: people at the site decide by themselves.
struct VENOptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "opt",
        abstract: "Take part in an event or not, now or by schedule, whatever the VEN said before.",
        discussion: """
            What people say counts more than the settings, at once at the loads and then at the VTN (oadrCreateOpt; a VTN
            without that service gets a new answer to the event). Without a VEN that runs it is entered in the state
            folder, and the VTN hears of it from the next one.

            Examples:
              curtail ven opt out peak --reason emergency --bundle plant-7
              curtail ven opt out peak --resource hvac --reason mustRun --bundle plant-7
              curtail ven opt in peak --bundle plant-7
              curtail ven opt away --from 2026-07-04T00:00:00Z --for 1d --bundle plant-7
              curtail ven opt withdraw 1C2D… --bundle plant-7
            """,
        subcommands: [
            VENOptOutCommand.self, VENOptInCommand.self, VENOptAwayCommand.self, VENOptWithdrawCommand.self,
        ])
}

/// What the commands about opts share.
struct VENOptOptions: ParsableArguments {
    @OptionGroup var options: VENOptions

    @Option(
        help: ArgumentHelp("The folder that holds Schemas (environment: CURTAIL_ROOT).", valueName: "folder"))
    var root: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Done: Encodable {
        let optID: String
    }

    func perform(_ command: EndNodeCommand, _ sentence: String) async throws {
        let ven = LocalVEN(settings: try options.resolved(), schemas: Schemas.folder(root: root))
        let id = try await ven.perform(command)
        print(json ? try JSONOutput.text(Done(optID: id.rawValue)) : "\(sentence) (id \(id))")
    }
}

/// Why, in the standard's words.
struct OptReasonArgument: ExpressibleByArgument {
    let reason: OptReason

    init(_ reason: OptReason) { self.reason = reason }

    init?(argument: String) {
        guard let reason = OptReason(rawValue: argument) else { return nil }
        self.reason = reason
    }

    var defaultValueDescription: String { reason.rawValue }

    static var allValueStrings: [String] { OptReason.standard.map(\.rawValue) }
}

struct VENOptOutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "out", abstract: "Leave an event: the loads go back to normal at once.")

    @Argument(help: ArgumentHelp("The event's id, as 'curtail ven status' shows it.", valueName: "event"))
    var event: String

    @Option(help: "Why: a word of the standard, or one of yours that begins with x-.")
    var reason = OptReasonArgument(.overrideStatus)

    @Option(help: ArgumentHelp("Only this load; may be repeated.", valueName: "id"))
    var resource: [String] = []

    @OptionGroup var common: VENOptOptions

    func run() async throws {
        guard !resource.isEmpty else {
            return try await common.perform(
                .opt(EventID(event), .optOut, reason.reason), "left the event \(event)")
        }
        try await common.perform(
            .optResources(EventID(event), resource.map { ResourceID($0) }, .optOut, reason.reason),
            "\(resource.joined(separator: ", ")) left the event \(event)")
    }
}

struct VENOptInCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "in", abstract: "Take part in an event after all, in what is left of it.")

    @Argument(help: ArgumentHelp("The event's id, as 'curtail ven status' shows it.", valueName: "event"))
    var event: String

    @Option(help: "Why: a word of the standard, or one of yours that begins with x-.")
    var reason = OptReasonArgument(.participating)

    @Option(help: ArgumentHelp("Only this load, which was out; may be repeated.", valueName: "id"))
    var resource: [String] = []

    @OptionGroup var common: VENOptOptions

    func run() async throws {
        guard !resource.isEmpty else {
            return try await common.perform(
                .opt(EventID(event), .optIn, reason.reason), "takes part in the event \(event)")
        }
        try await common.perform(
            .optResources(EventID(event), resource.map { ResourceID($0) }, .optIn, reason.reason),
            "\(resource.joined(separator: ", ")) takes part in the event \(event)")
    }
}

struct VENOptAwayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "away", abstract: "Say for which time the site takes part in nothing.")

    @Option(help: ArgumentHelp("When it begins, such as 2026-07-04T00:00:00Z; without it now.", valueName: "time"))
    var from: String?

    @Option(name: .customLong("for"), help: ArgumentHelp("How long; 0 is until it is withdrawn.", valueName: "span"))
    var span: SpanArgument

    @Option(help: ArgumentHelp("The programme alone; without it all.", valueName: "uri"))
    var marketContext: String?

    @Option(help: "Why: a word of the standard, or one of yours that begins with x-.")
    var reason = OptReasonArgument(.schedule)

    @OptionGroup var common: VENOptOptions

    func validate() throws {
        if let from, Instant(utc: from) == nil {
            throw ValidationError("--from takes a time like 2026-07-04T00:00:00Z, not '\(from)'.")
        }
    }

    func run() async throws {
        let start = from.flatMap { Instant(utc: $0) } ?? SystemTime().now()
        try await common.perform(
            .schedule(
                .optOut, [TimeWindow(start: start, duration: span.span)], reason.reason,
                marketContext.map { MarketContext($0) }),
            "takes part in nothing from \(start)\(span.span == .zero ? "" : " for \(span)")")
    }
}

struct VENOptWithdrawCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw", abstract: "Take a schedule back.")

    @Argument(help: ArgumentHelp("The schedule's id, as 'curtail ven status' shows it.", valueName: "id"))
    var id: String

    @OptionGroup var common: VENOptOptions

    func run() async throws { try await common.perform(.withdraw(OptID(id)), "took the schedule back") }
}
