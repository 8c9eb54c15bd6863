import ArgumentParser
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// `curtail report`: what VENs are asked to report.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Ask VENs for reports: what they offer, what runs, history, and the end of it.",
        discussion: "Works on the database of a running 'curtail serve', or on the one that --database-url names.",
        subcommands: [
            ReportListCommand.self, ReportRequestCommand.self, ReportHistoryCommand.self, ReportMetadataCommand.self,
            ReportCancelCommand.self,
        ])
}

/// `curtail report list`: offers and requests of a VEN.
struct ReportListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show what a VEN offers and what it was asked for.",
        discussion: """
            Example:
              curtail report list plant-7
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The VEN's id.", valueName: "ven"))
    var ven: String

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Lines: Encodable {
        struct Offer: Encodable {
            let specifierID: String
            let name: String
            let keepsSeconds: Int64
            let rIDs: [String]
        }

        struct Request: Encodable {
            let requestID: String
            let specifierID: String
            let state: String
            let granularitySeconds: Int64
            let backSeconds: Int64
            let start: String
            let durationSeconds: Int64
        }

        let offers: [Offer]
        let requests: [Request]
    }

    func run() async throws {
        let id = VENID(ven)
        let (offers, requests) = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            try await MariaDBTopNodeStore(database.pool).transaction { rows in
                guard try await rows.ven(id) != nil else { throw OperatorError.unknownVEN(id) }
                return (try await rows.offers(of: id), try await rows.reportRequests(of: id))
            }
        }
        let lines = Lines(
            offers: offers.map {
                .init(
                    specifierID: $0.specifierID.rawValue, name: $0.name.rawValue, keepsSeconds: $0.capacity.seconds,
                    rIDs: $0.dataPoints.map(\.rID.rawValue))
            },
            requests: requests.map {
                .init(
                    requestID: $0.requestID.rawValue, specifierID: $0.specifierID.rawValue, state: $0.state.rawValue,
                    granularitySeconds: $0.granularity.seconds, backSeconds: $0.backDuration.seconds,
                    start: $0.start.description, durationSeconds: $0.duration.seconds)
            })
        guard !json else { return print(try JSONOutput.text(lines)) }
        guard !lines.offers.isEmpty else { return print("The VEN \(ven) offers no reports.") }
        var table = TextTable(["offer", "report", "data points"], leftColumns: [0, 1, 2])
        for offer in lines.offers { table.add([offer.specifierID, offer.name, offer.rIDs.joined(separator: ", ")]) }
        print(table.rendered())
        guard !lines.requests.isEmpty else { return }
        var asked = TextTable(["request", "offer", "state", "start"], leftColumns: [0, 1, 2, 3])
        for request in lines.requests {
            asked.add([request.requestID, request.specifierID, request.state, request.start])
        }
        print(asked.rendered())
    }
}

/// What all that ask have in common: the ids of the new requests are printed.
private struct AskedLine: Encodable {
    let venID: String
    let requestIDs: [String]

    func show(json: Bool, _ what: String) throws {
        guard !json else { return print(try JSONOutput.text(self)) }
        print("\(what) of \(venID) is asked for: \(requestIDs.joined(separator: ", "))")
    }
}

/// `curtail report request`: telemetry, once or periodic.
struct ReportRequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Ask a VEN for one of its reports, once or again and again.",
        discussion: """
            Without --back the report comes once. With --every 0 only changes are reported.

            Examples:
              curtail report request plant-7 usage
              curtail report request plant-7 usage --every 1m --back 5m --point site
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The VEN's id.", valueName: "ven"))
    var ven: String

    @Argument(help: ArgumentHelp("The offer, as 'curtail report list' shows it.", valueName: "offer"))
    var offer: String

    @Option(help: ArgumentHelp("How finely it is sampled, such as 1m.", valueName: "span"))
    var every = SpanArgument(.zero)

    @Option(help: ArgumentHelp("How often data is sent, such as 5m.", valueName: "span"))
    var back = SpanArgument(.zero)

    @Option(name: .customLong("point"), help: ArgumentHelp("A data point; may be repeated.", valueName: "rID"))
    var points: [String] = []

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let now = SystemTime().now()
        let id = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            try await $0.topNode.requestReport(
                ReportSpecifierID(offer), of: VENID(ven), dataPoints: points.isEmpty ? nil : points.map { RID($0) },
                granularity: every.span, backDuration: back.span, start: now, now: now)
        }
        try AskedLine(venID: ven, requestIDs: [id.rawValue]).show(json: json, offer)
    }
}

/// `curtail report history`: stored data of a time that has passed.
struct ReportHistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Ask a VEN for stored data of a time that has passed.",
        discussion: """
            Long times are asked for in several requests, so that every answer fits a message.

            Example:
              curtail report history plant-7 meter --from 2026-07-01T00:00:00Z --to 2026-07-08T00:00:00Z
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The VEN's id.", valueName: "ven"))
    var ven: String

    @Argument(help: ArgumentHelp("The offer, as 'curtail report list' shows it.", valueName: "offer"))
    var offer: String

    @Option(help: ArgumentHelp("The begin, in UTC.", valueName: "time"))
    var from: String

    @Option(help: ArgumentHelp("The end, in UTC.", valueName: "time"))
    var to: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard window != nil else {
            throw ValidationError("--from and --to take times like 2026-07-01T00:00:00Z, the first one earlier.")
        }
    }

    private var window: TimeWindow? {
        guard let start = Instant(utc: from), let end = Instant(utc: to), start < end else { return nil }
        return TimeWindow(start: start, end: end)
    }

    func run() async throws {
        guard let window else { throw ValidationError("There is no time to ask for.") }
        let ids = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            try await $0.topNode.requestHistory(
                ReportSpecifierID(offer), of: VENID(ven), window: window, now: SystemTime().now())
        }
        try AskedLine(venID: ven, requestIDs: ids.map(\.rawValue)).show(json: json, offer)
    }
}

/// `curtail report metadata`: the offers themselves.
struct ReportMetadataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metadata",
        abstract: "Ask a VEN to register its reports again.",
        discussion: """
            Example:
              curtail report metadata plant-7
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The VEN's id.", valueName: "ven"))
    var ven: String

    @Option(help: ArgumentHelp("How often, such as 1d; without it once.", valueName: "span"))
    var every = SpanArgument(.zero)

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let id = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            try await $0.topNode.requestMetadata(of: VENID(ven), every: every.span, now: SystemTime().now())
        }
        try AskedLine(venID: ven, requestIDs: [id.rawValue]).show(json: json, "metadata")
    }
}

/// `curtail report cancel`.
struct ReportCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Tell a VEN to stop a report.",
        discussion: """
            Example:
              curtail report cancel plant-7 6F9619FF-8B86-D011-B42D-00C04FC964FF --last
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The VEN's id.", valueName: "ven"))
    var ven: String

    @Argument(help: ArgumentHelp("The request, as 'curtail report list' shows it.", valueName: "request"))
    var request: String

    @Flag(help: "One more report is wanted.")
    var last = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let id = ReportRequestID(request)
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            try await $0.topNode.cancelReport(
                id, of: VENID(ven), reportToFollow: last, now: SystemTime().now())
        }
        guard !json else { return print(try JSONOutput.text(AskedLine(venID: ven, requestIDs: [request]))) }
        print("\(request) of \(ven) is to end.")
    }
}
