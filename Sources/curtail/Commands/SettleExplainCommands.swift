import ArgumentParser
import DemandResponse
import Foundation
import Measures
import MeterData
import Persistence

/// `curtail settle explain`.
struct SettleExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show why a meter has what it has: every day considered, the adjustment, every interval, every part.",
        discussion: """
            Counts the meter's latest booking of the event again from its stored inputs.

            Example:
              curtail settle explain event-1f2e3d4c plant-7
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The event's id.", valueName: "event"))
    var event: String

    @Argument(help: "The meter's name.")
    var meter: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let explained = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            database in
            guard let found = try await MeterStore(database.pool).meter(named: meter) else {
                throw CommandFailure("There is no meter \(meter).", hint: "check its name", status: .notFound)
            }
            return try await database.settlementDesk.explain(ProgramEventID(event), found.id)
        }
        guard let explained else {
            throw CommandFailure(
                "\(meter) has no booking of \(event) that can be explained.",
                hint: "see 'curtail rewards list --event \(event)'", status: .notFound)
        }
        let sheet = SettlementSheet(explained, meter: meter)
        print(json ? try JSONOutput.text(sheet) : sheet.rendered())
    }
}

/// `curtail settle outage`.
struct SettleOutageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outage",
        abstract: "Note when a meter's load said nothing about its normal use: no baseline learns from these days.",
        discussion: """
            Example:
              curtail settle outage plant-7 --from 2026-07-03T06:00:00Z --to 2026-07-04T18:00:00Z --reason "feeder fault"
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: "The meter's name.")
    var meter: String

    @Option(help: ArgumentHelp("When it began, UTC.", valueName: "time"))
    var from: String

    @Option(help: ArgumentHelp("When it was over, UTC.", valueName: "time"))
    var to: String

    @Option(help: "For people.")
    var reason: String

    @Flag(help: "Print one JSON object.")
    var json = false

    struct Noted: Codable {
        let meter: String
        let from: String
        let to: String
        let reason: String
    }

    func run() async throws {
        guard let start = Instant(utc: from), let end = Instant(utc: to), start < end,
            end - start <= .days(366)
        else {
            throw CommandFailure(
                "--from and --to take times like 2026-07-03T06:00:00Z, the first before the second.",
                hint: "an outage of more than a year is a new meter", status: .usage)
        }
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) { database in
            guard let found = try await MeterStore(database.pool).meter(named: meter) else {
                throw CommandFailure("There is no meter \(meter).", hint: "check its name", status: .notFound)
            }
            try await EnrolmentStore(database.pool).noteOutage(
                of: found.id, TimeWindow(start: start, duration: end - start), reason: reason)
        }
        print(
            json
                ? try JSONOutput.text(Noted(meter: meter, from: from, to: to, reason: reason))
                : "\(meter): no baseline learns from \(from) to \(to).")
    }
}
