import ArgumentParser
import DemandResponse
import Foundation
import Measures
import OpenADR
import Persistence
import VirtualTopNode

/// `curtail programme`: what is paid for.
struct ProgrammeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "programme",
        abstract: "Publish terms, enrol meters, and report.",
        discussion: """
            Terms never change: a change is a new version, and an event is settled with the version that was published \
            and valid when it was called.
            """,
        subcommands: [
            ProgrammePublishCommand.self, ProgrammeListCommand.self, ProgrammeShowCommand.self,
            ProgrammeEnrolCommand.self, ProgrammePricesCommand.self, ProgrammeWeatherCommand.self,
            ProgrammeReportCommand.self,
        ],
        aliases: ["program"])
}

/// `curtail programme publish`.
struct ProgrammePublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish a version of a programme's terms.",
        discussion: """
            FILE is JSON. The least that works:
              {
                "name": "Summer peak", "marketContext": "http://utility.example/summer-peak",
                "version": "2026-1", "validFrom": "2026-05-01T00:00:00Z", "currency": "USD",
                "baseline": ["curtail-counterfactual", "caiso-10-of-10"],
                "pay": {"kind": "energy", "perKilowattHour": "2.00", "cap": 1.5}
              }
            Other ways to pay: {"kind": "nomination", "perKilowatt": "2.80"}, {"kind": "pool", "budget": "500.00"},
            {"kind": "market", "share": 1, "leastPerKilowattHour": "0.03"}, {"kind": "firm", "perKilowattHour": "6.00"}.
            Also: capacity, tiers, mostPaid, leastPaid, deadbandKilowattHours, snapBack, preEventRise,
            optOutDeadlineMinutes, resettlementDays, rounding (eventTotal or eachPayment), admission, calendar; see
            Documentation/settlement.md.

            Example:
              curtail programme publish summer-peak.json
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("The sheet of terms, JSON.", valueName: "file"))
    var file: String

    @Flag(help: "Print one JSON object.")
    var json = false

    struct Published: Codable {
        let programme: String
        let version: String
        let publishedAt: String
    }

    func run() async throws {
        let sheet = try ProgramSheet.read(file)
        // Refused before a database is touched.
        _ = try sheet.terms(of: ProgramID(0))
        let now = SystemTime().now()
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) { database in
            let store = ProgramStore(database.pool)
            let program = try await store.establish(sheet.name, marketContext: sheet.marketContext)
            try await store.publish(try sheet.terms(of: program), at: now)
        }
        let line = Published(programme: sheet.name, version: sheet.version, publishedAt: now.description)
        print(
            json
                ? try JSONOutput.text(line)
                : """
                \(sheet.name) \(sheet.version) is published; it settles events called from now on.
                  next  curtail programme enrol "\(sheet.name)" METER --ven VEN --pledge 5
                """)
    }
}

/// `curtail programme list`.
struct ProgrammeListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List programmes and the versions of their terms.",
        discussion: "Example:\n  curtail programme list --json")

    @OptionGroup var services: ServiceOptions

    @Flag(help: "Print one JSON array.")
    var json = false

    struct Line: Codable {
        let name: String
        let marketContext: String
        let versions: [String]
    }

    func run() async throws {
        let lines = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            database in
            let store = ProgramStore(database.pool)
            var lines: [Line] = []
            for program in try await store.programs() {
                lines.append(
                    Line(
                        name: program.name, marketContext: program.marketContext,
                        versions: try await store.documents(of: program.id).map(\.version)))
            }
            return lines
        }
        guard !json else { return print(try JSONOutput.text(lines)) }
        guard !lines.isEmpty else {
            return print("There is no programme. Publish one with 'curtail programme publish'.")
        }
        var table = TextTable(["programme", "market context", "versions"], leftColumns: [0, 1, 2])
        for line in lines { table.add([line.name, line.marketContext, line.versions.joined(separator: " ")]) }
        print(table.rendered())
    }
}

/// `curtail programme show`.
struct ProgrammeShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print the terms of a programme, every parameter of their baseline rules included.",
        discussion: "Example:\n  curtail programme show \"Summer peak\"")

    @OptionGroup var services: ServiceOptions

    @Argument(help: "The programme's name.")
    var name: String

    @Flag(help: "Print JSON (there is no other form).")
    var json = false

    func run() async throws {
        let documents = try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) {
            database in
            let store = ProgramStore(database.pool)
            guard let program = try await store.program(named: name) else { throw CommandFailure.noProgram(name) }
            return try await store.documents(of: program)
        }
        print(try JSONOutput.text(documents))
    }
}

/// `curtail programme enrol`.
struct ProgrammeEnrolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol", abstract: "Enrol a meter with its pledge, feeder and class; again to change them.",
        discussion: """
            The pledge is the nominated reduction, or the firm service level, that settlement counts with; without one it \
            is what an event asks for. Meters of the control group are never called; the rule control-group measures \
            the others against them.

            Examples:
              curtail programme enrol "Summer peak" plant-7 --ven ven-7 --pledge 120 --feeder F12 --class industry
              curtail programme enrol "Summer peak" plant-9 --control
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: "The programme's name.")
    var name: String

    @Argument(help: "The meter's name.")
    var meter: String

    @Option(help: ArgumentHelp("What it pledges.", valueName: "kilowatts"))
    var pledge: Double?

    @Option(help: "Where the grid feels it.")
    var feeder = ""

    @Option(name: .customLong("class"), help: ArgumentHelp("What kind of customer.", valueName: "class"))
    var customerClass = ""

    @Option(help: ArgumentHelp("The VEN that it is behind: the VEN's events are the meter's.", valueName: "ven"))
    var ven: String?

    @Option(
        help: ArgumentHelp(
            "The rID under which the VEN reports it; without it, the meter's name.", valueName: "rID"))
    var dataPoint: String?

    @Flag(help: "Puts it into the control group.")
    var control = false

    @Flag(help: "Print one JSON object.")
    var json = false

    struct Enrolled: Codable {
        let programme: String
        let meter: String
        let pledgeKilowatts: Double?
        let isControl: Bool
    }

    func validate() throws {
        if let pledge, !(pledge.isFinite && pledge > 0 && pledge < 1e6) {
            throw ValidationError("--pledge takes a number of kilowatts above 0.")
        }
        guard dataPoint == nil || ven != nil else { throw ValidationError("--data-point goes with --ven.") }
        guard !control || pledge == nil else { throw ValidationError("A control meter pledges nothing.") }
        guard feeder.utf8.count <= 64, customerClass.utf8.count <= 64 else {
            throw ValidationError("--feeder and --class take at most 64 bytes.")
        }
    }

    func run() async throws {
        let now = SystemTime().now()
        try await OperatorDatabase.with(services.resolved(defaultState: ServiceOptions.servedState)) { database in
            guard let program = try await ProgramStore(database.pool).program(named: name) else {
                throw CommandFailure.noProgram(name)
            }
            guard let found = try await MeterStore(database.pool).meter(named: meter) else {
                throw CommandFailure("There is no meter \(meter).", hint: "check its name", status: .notFound)
            }
            if let ven {
                guard try await MariaDBTopNodeStore(database.pool).transaction({ try await $0.ven(VENID(ven)) }) != nil
                else {
                    throw CommandFailure("There is no VEN \(ven).", hint: "see 'curtail cert list'", status: .notFound)
                }
                try await ReportMeterStore(database.pool).connect(RID(dataPoint ?? meter), of: VENID(ven), to: found.id)
            }
            try await EnrolmentStore(database.pool).enrol(
                found.id, in: program, pledge: pledge.map { .kilowatts($0) }, feeder: feeder,
                customerClass: customerClass, isControl: control, at: now)
        }
        print(
            json
                ? try JSONOutput.text(
                    Enrolled(programme: name, meter: meter, pledgeKilowatts: pledge, isControl: control))
                : "\(meter) is enrolled in \(name)\(pledge.map { " with \($0.fixed(1)) kW" } ?? "")"
                    + (control ? " as control." : "."))
    }
}

extension CommandFailure {
    static func noProgram(_ name: String) -> CommandFailure {
        CommandFailure("There is no programme \(name).", hint: "see 'curtail programme list'", status: .notFound)
    }
}
