import ArgumentParser
import DemandResponse
import Foundation
import Measures
import Persistence

/// `curtail rewards`: what participants have, and every booking that it comes from.
struct RewardsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewards",
        abstract: "List bookings and balances.",
        subcommands: [RewardsListCommand.self, RewardsBalanceCommand.self])
}

/// `curtail rewards list`.
struct RewardsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the ledger's bookings with the reasons of each amount.",
        discussion: """
            Examples:
              curtail rewards list --event event-1f2e3d4c
              curtail rewards list --meter plant-7 --json
            """)

    @OptionGroup var services: ServiceOptions

    @Option(help: "Only those of this event.")
    var event: String?

    @Option(help: "Only those of this meter.")
    var meter: String?

    @Flag(help: "Print one JSON array, with days, intervals and hashes.")
    var json = false

    struct Line: Codable {
        let event: String
        let meter: String
        let termsVersion: String
        let revision: Int
        let state: LedgerState
        let reward: String
        let recordedAt: String
        let audit: LedgerAudit
    }

    func run() async throws {
        let lines = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            database in
            let store = LedgerStore(database.pool, sha256: Runtime.sha256)
            let names = try await database.meterNames()
            let entries =
                if let event { try await store.entries(of: ProgramEventID(event)) } else { try await store.entries() }
            return entries.map(\.entry).map { entry in
                Line(
                    event: entry.key.event.rawValue, meter: names[entry.key.meter] ?? "\(entry.key.meter.rawValue)",
                    termsVersion: entry.key.formulaVersion, revision: entry.revision, state: entry.state,
                    reward: "\(entry.reward)", recordedAt: entry.recordedAt.description, audit: entry.audit)
            }.filter { meter == nil || $0.meter == meter }
        }
        guard !json else { return print(try JSONOutput.text(lines)) }
        guard !lines.isEmpty else { return print("Nothing is booked. Settle an event with 'curtail settle run'.") }
        var table = TextTable(
            ["event", "meter", "terms", "revision", "state", "reward", "rule", "days"], leftColumns: [0, 1, 2, 4, 6])
        for line in lines {
            table.add([
                line.event, line.meter, line.termsVersion, "\(line.revision)", line.state.rawValue, line.reward,
                line.audit.ruleID, "\(line.audit.daysUsed.count)",
            ])
        }
        print(table.rendered())
    }
}

/// `curtail rewards balance`.
struct RewardsBalanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance",
        abstract: "What each meter has earned: the sum of its bookings.",
        discussion: "Example:\n  curtail rewards balance --json")

    @OptionGroup var services: ServiceOptions

    @Flag(help: "Print one JSON array.")
    var json = false

    struct Line: Codable {
        let meter: String
        let reward: String
        let events: Int
    }

    func run() async throws {
        let lines = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            database in
            let names = try await database.meterNames()
            return try await LedgerStore(database.pool, sha256: Runtime.sha256).balances().map { balance in
                Line(
                    meter: names[balance.meter] ?? "\(balance.meter.rawValue)", reward: "\(balance.reward)",
                    events: balance.events)
            }
        }
        guard !json else { return print(try JSONOutput.text(lines)) }
        guard !lines.isEmpty else { return print("Nobody has earned anything yet.") }
        var table = TextTable(["meter", "reward", "events"], leftColumns: [0])
        for line in lines { table.add([line.meter, line.reward, "\(line.events)"]) }
        print(table.rendered())
    }
}
