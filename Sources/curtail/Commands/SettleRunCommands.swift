import ArgumentParser
import DemandResponse
import Foundation
import Measures
import MeterData
import Persistence

extension OperatorDatabase {
    /// The desk that settles, on all cores unless told otherwise.
    var settlementDesk: SettlementDesk { settlementDesk(threads: nil) }

    func settlementDesk(threads: Int?) -> SettlementDesk {
        SettlementDesk(pool, .ofThisMachine(threads: threads))
    }

    /// The names of meters by number.
    func meterNames() async throws -> [MeterID: String] {
        Dictionary(
            try await MeterStore(pool).meters().map { ($0.id, $0.description.name) },
            uniquingKeysWith: { first, _ in first })
    }
}

extension SettlementDesk.Environment {
    /// - Parameter threads: nil for all cores.
    static func ofThisMachine(threads: Int?) -> Self {
        Self(
            zone: { try ZoneRules(database: $0) }, sha256: Runtime.sha256,
            codeVersion: "curtail \(Curtail.configuration.version)",
            width: threads ?? ProcessInfo.processInfo.activeProcessorCount)
    }
}

/// `curtail settle run`.
struct SettleRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Count an event and book the rewards.",
        discussion: """
            Counts with the terms that were published when the event was called. Again, it books the difference that \
            late or corrected readings make; nothing is ever changed. A meter that waits for readings, has no baseline, \
            or is in another event at the same time is booked nothing.

            Examples:
              curtail settle run event-1f2e3d4c
              curtail settle run event-1f2e3d4c --final
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The event's id, as 'curtail event list' shows it.", valueName: "event"))
    var event: String

    @Flag(help: "Books for good: from then on only corrections are booked, while their window is open.")
    var final = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let now = SystemTime().now()
        let report = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            database in
            let booking = try await database.settlementDesk.settle(
                ProgramEventID(event), isFinal: final, now: now)
            return SettlementReport(booking, names: try await database.meterNames())
        }
        print(json ? try JSONOutput.text(report) : report.rendered())
    }
}

/// `curtail settle replay`.
struct SettleReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Count a booked event again from its stored inputs and show what differs.",
        discussion: """
            Nothing differs when the inputs, the terms and the code are those of the booking: bit for bit, on any \
            machine and any number of threads. A difference ends the command with status 1.

            Examples:
              curtail settle replay event-1f2e3d4c
              curtail settle replay event-1f2e3d4c --threads 1
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The event's id.", valueName: "event"))
    var event: String

    @Option(help: "How many meters are counted at a time; without it, one for each core.")
    var threads: Int?

    @Flag(help: "Print one JSON object.")
    var json = false

    struct Outcome: Codable {
        struct Line: Codable {
            let meter: String
            let revision: Int
            let field: String
            let booked: String
            let counted: String
        }
        let event: String
        let entries: Int
        let differences: [Line]
    }

    func validate() throws {
        guard (1...1_024).contains(threads ?? 1) else { throw ValidationError("--threads takes 1 to 1024.") }
    }

    func run() async throws {
        let outcome = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            database in
            let names = try await database.meterNames()
            let replayed = try await database.settlementDesk(threads: threads).replay(ProgramEventID(event))
            guard !replayed.isEmpty else {
                throw CommandFailure(
                    "The ledger has nothing of \(event) that could be counted again.",
                    hint: "settle it with 'curtail settle run \(event)'", status: .notFound)
            }
            return Outcome(
                event: event, entries: replayed.count,
                differences: replayed.flatMap { entry in
                    entry.differences.map {
                        Outcome.Line(
                            meter: names[entry.meter] ?? "\(entry.meter.rawValue)", revision: entry.revision,
                            field: $0.field, booked: $0.booked, counted: $0.counted)
                    }
                })
        }
        if json {
            print(try JSONOutput.text(outcome))
        } else if outcome.differences.isEmpty {
            print("\(outcome.entries) entries of \(event) counted again: no bit differs.")
        } else {
            var table = TextTable(["meter", "revision", "field", "booked", "counted"], leftColumns: [0, 2, 3, 4])
            for line in outcome.differences {
                table.add([line.meter, "\(line.revision)", line.field, line.booked, line.counted])
            }
            print(table.rendered())
        }
        if !outcome.differences.isEmpty { throw ExitCode(CommandFailure.Status.failure.rawValue) }
    }
}

/// `curtail settle verify`.
struct SettleVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Prove the ledger: its chain of hashes, and every rule of ledger and settlement.",
        discussion: """
            Works out every entry's hash again from its own bytes and the hash before it, and runs the queries of \
            Database/invariants.sql that are about the ledger and settlements ('curtail doctor' runs all of them). A \
            breach ends the command with status 1.

            Example:
              curtail settle verify --json
            """)

    @OptionGroup var services: ServiceOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    struct Outcome: Codable {
        let entries: Int64
        /// The first entry that is not what was written, counted from 1.
        let firstBroken: Int64?
        let breaches: [String]
        /// Hash of the last entry: whoever keeps it can tell later that nothing before it was changed.
        let head: String
    }

    func run() async throws {
        let resolved = services.resolved(defaultState: ServiceOptions.servedState)
        let outcome = try await OperatorDatabase.with(resolved) { database in
            let proof = try await LedgerStore(database.pool, sha256: Runtime.sha256).prove()
            let breaches = try await Invariants(directory: resolved.database).breaches(
                on: database.pool, of: ["ledger", "settlement"])
            return Outcome(
                entries: proof.entries, firstBroken: proof.firstBroken,
                breaches: breaches.map { "\($0.rule): \($0.subject)" },
                head: proof.head.map { $0 < 16 ? "0\(String($0, radix: 16))" : String($0, radix: 16) }.joined())
        }
        if json {
            print(try JSONOutput.text(outcome))
        } else {
            if let broken = outcome.firstBroken {
                print("Entry \(broken) is not what was written: its hash or its link is wrong.")
            }
            for breach in outcome.breaches { print("broken rule: \(breach)") }
            if outcome.firstBroken == nil, outcome.breaches.isEmpty {
                print("\(outcome.entries) entries, one unbroken chain, every rule holds.\nhead \(outcome.head)")
            }
        }
        if outcome.firstBroken != nil || !outcome.breaches.isEmpty {
            throw ExitCode(CommandFailure.Status.failure.rawValue)
        }
    }
}

/// `curtail settle dispute`.
struct SettleDisputeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dispute",
        abstract: "Open, close and list disputes.",
        discussion: """
            While a dispute is open, its meter's reward of the event stays provisional.

            Examples:
              curtail settle dispute event-1f2e3d4c --meter plant-7 --open "our meter was swapped on 3 July"
              curtail settle dispute event-1f2e3d4c --close 12 --outcome "readings corrected"
              curtail settle dispute event-1f2e3d4c
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The event's id.", valueName: "event"))
    var event: String

    @Option(help: "The meter's name, to open a dispute.")
    var meter: String?

    @Option(help: ArgumentHelp("Opens one: what the participant says.", valueName: "reason"))
    var open: String?

    @Option(help: ArgumentHelp("Closes the one of this number.", valueName: "number"))
    var close: Int64?

    @Option(help: "What was found.")
    var outcome: String?

    @Flag(help: "Print one JSON array.")
    var json = false

    struct Line: Codable {
        let number: Int64
        let meter: String
        let reason: String
        let openedAt: String
        let closedAt: String?
        let outcome: String?
    }

    func validate() throws {
        guard (open == nil) == (meter == nil) else { throw ValidationError("--open and --meter go together.") }
        guard (close == nil) == (outcome == nil) else { throw ValidationError("--close and --outcome go together.") }
    }

    func run() async throws {
        let now = SystemTime().now()
        let id = ProgramEventID(event)
        let lines = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            database in
            let store = DisputeStore(database.pool)
            if let open, let meter {
                guard let found = try await MeterStore(database.pool).meter(named: meter) else {
                    throw CommandFailure("There is no meter \(meter).", hint: "check its name", status: .notFound)
                }
                let counted = try await SettlementStore(database.pool).latest(of: id)
                guard counted.contains(where: { $0.meter == found.id }) else {
                    throw CommandFailure(
                        "\(event) was not counted for \(meter).", hint: "see 'curtail settle run \(event)'",
                        status: .notFound)
                }
                _ = try await store.open(id, found.id, reason: open, at: now)
            }
            if let close, let outcome, !(try await store.close(close, outcome: outcome, at: now)) {
                throw CommandFailure(
                    "There is no open dispute \(close).", hint: "see 'curtail settle dispute \(event)'",
                    status: .notFound)
            }
            let names = try await database.meterNames()
            return try await store.disputes(of: id).map {
                Line(
                    number: $0.id, meter: names[$0.meter] ?? "\($0.meter.rawValue)", reason: $0.reason,
                    openedAt: $0.openedAt.description, closedAt: $0.closedAt?.description, outcome: $0.outcome)
            }
        }
        guard !json else { return print(try JSONOutput.text(lines)) }
        guard !lines.isEmpty else { return print("There is no dispute about \(event).") }
        var table = TextTable(
            ["number", "meter", "opened", "closed", "reason", "outcome"], leftColumns: [1, 2, 3, 4, 5])
        for line in lines {
            table.add(
                ["\(line.number)", line.meter, line.openedAt, line.closedAt ?? "open", line.reason, line.outcome ?? ""])
        }
        print(table.rendered())
    }
}
