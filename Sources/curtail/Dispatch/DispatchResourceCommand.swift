import ArgumentParser
import DemandResponse
import Foundation
import Measures
import OpenADR
import Persistence
import SiteScheduling
import VirtualTopNode

/// `curtail dispatch resource`: who can be called, and on what terms.
struct DispatchResourceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resource",
        abstract: "Enrol participants: what they can shed, at what price, when they may be called.",
        subcommands: [
            DispatchResourceSetCommand.self, DispatchResourceListCommand.self, DispatchResourceRemoveCommand.self,
        ])
}

/// One of the words of a list.
struct WordArgument<Word: RawRepresentable<String>>: ExpressibleByArgument {
    let word: Word

    init?(argument: String) {
        guard let word = Word(rawValue: argument) else { return nil }
        self.word = word
    }
}

/// `curtail dispatch resource set`.
struct DispatchResourceSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Enrol a participant, or give it other terms.",
        discussion: """
            What a participant can shed is a share of its meter's forecast. A critical one is never called. Of the terms that
            are not given, an enrolled participant keeps its own.

            Examples:
              curtail dispatch resource set plant-7 --ven plant-7 --meter plant-7 --share 0.3 --price 0.25 --call-cost 12
              curtail dispatch resource set chiller --ven plant-7 --id chiller --meter chiller --signal level --levels 0.5,1
              curtail dispatch resource set plant-7 --class critical
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("How plans name it.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("The VEN that it is behind.", valueName: "id"))
    var ven: String?

    @Option(
        name: .customLong("id"),
        help: ArgumentHelp("The VEN's id of it; by default the VEN as a whole.", valueName: "id"))
    var resource: String?

    @Option(help: ArgumentHelp("The meter whose forecast its capacity comes from.", valueName: "name"))
    var meter: String?

    @Option(help: ArgumentHelp("The feeder that it is behind.", valueName: "name"))
    var feeder: String?

    @Option(name: .customLong("class"), help: "critical, semiCritical, nonCritical or deferrable.")
    var resourceClass: WordArgument<ResourceClass>?

    @Option(help: "How it is told: delta, setpoint (LOAD_DISPATCH) or level (SIMPLE).")
    var signal: WordArgument<DispatchProblem.Signal>?

    @Option(help: ArgumentHelp("What can be shed of its load (above 0, at most 1).", valueName: "share"))
    var share: Double?

    @Option(help: ArgumentHelp("How wrong that is, relatively (0 to 10).", valueName: "share"))
    var error: Double?

    @Option(
        help: ArgumentHelp("How likely it takes part (above 0, at most 1); its answers correct it.", valueName: "share")
    )
    var optIn: Double?

    @Option(help: ArgumentHelp("What a kWh costs.", valueName: "amount"))
    var price: Double?

    @Option(help: ArgumentHelp("What a call costs.", valueName: "amount"))
    var callCost: Double?

    @Option(help: ArgumentHelp("What an interval of a call costs in comfort.", valueName: "amount"))
    var comfort: Double?

    @Option(help: ArgumentHelp("What a call now takes from the season.", valueName: "amount"))
    var seasonValue: Double?

    @Option(help: ArgumentHelp("How long before a call it has to know.", valueName: "span"))
    var notice: SpanArgument?

    @Option(help: ArgumentHelp("The shortest call.", valueName: "span"))
    var shortest: SpanArgument?

    @Option(help: ArgumentHelp("The longest call.", valueName: "span"))
    var longest: SpanArgument?

    @Option(help: ArgumentHelp("Between two calls.", valueName: "span"))
    var rest: SpanArgument?

    @Option(help: ArgumentHelp("Calls a day.", valueName: "count"))
    var perDay: Int?

    @Option(help: ArgumentHelp("Calls in a season of 120 days.", valueName: "count"))
    var perSeason: Int?

    @Option(help: ArgumentHelp("What is there of the reduction in the first interval (0 to 1).", valueName: "share"))
    var firstShare: Double?

    @Option(help: ArgumentHelp("What comes back afterwards, interval by interval: 0.3,0.1.", valueName: "shares"))
    var rebound: SharesArgument?

    @Option(help: ArgumentHelp("What can be asked for of its capacity, ascending: 0.5,1.", valueName: "shares"))
    var levels: SharesArgument?

    @Option(
        help: ArgumentHelp(
            "A site's file ('curtail site plan'): its own model says what can be shed; 'none' takes it away.",
            valueName: "file"))
    var site: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        for (flag, value) in [("--share", share), ("--opt-in", optIn)] {
            if let value, !(value > 0 && value <= 1) {
                throw ValidationError("\(flag) takes a share above 0 and at most 1, not \(value).")
            }
        }
        for (flag, value) in [
            ("--price", price), ("--call-cost", callCost), ("--comfort", comfort), ("--season-value", seasonValue),
        ] {
            if let value, !(value >= 0 && value <= 1e6) {
                throw ValidationError("\(flag) takes an amount of zero or more.")
            }
        }
        if let error, !(0...10).contains(error) { throw ValidationError("--error takes 0 to 10, not \(error).") }
        if let firstShare, !(0...1).contains(firstShare) {
            throw ValidationError("--first-share takes 0 to 1, not \(firstShare).")
        }
        if let levels, levels.shares.isEmpty || levels.shares != Set(levels.shares).sorted() || levels.shares[0] <= 0 {
            throw ValidationError("--levels takes ascending shares above 0 and at most 1.")
        }
        for (flag, count) in [("--per-day", perDay), ("--per-season", perSeason)] {
            if let count, !(0...1_000).contains(count) {
                throw ValidationError("\(flag) takes 0 to 1000, not \(count).")
            }
        }
        guard !name.isEmpty, name.count <= 128 else { throw ValidationError("A name has 1 to 128 characters.") }
    }

    func run() async throws {
        let participant = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            let store = DispatchResourceStore(database.pool)
            let old = try await store.participants().first { $0.name.rawValue == name }
            let participant = try await changed(old, database)
            try await store.save(participant, at: SystemTime().now())
            return participant
        }
        guard !json else { return print(try JSONOutput.text(DispatchParticipantLine(participant))) }
        print("\(name) is enrolled behind \(participant.ven): see 'curtail dispatch resource list'.")
    }

    private func changed(_ old: DispatchParticipant?, _ database: OperatorDatabase) async throws -> DispatchParticipant
    {
        guard let ven = ven ?? old?.ven.rawValue else { throw ValidationError("A new participant needs --ven.") }
        let id: MeterID
        if let meter {
            id = try await Lookup.meter(meter, database.pool).id
        } else if let old {
            id = old.meter
        } else {
            throw ValidationError("A new participant needs --meter.")
        }
        let vens = try await TopNodeOverview(database.pool).vens()
        guard vens.contains(where: { $0.record.venID.rawValue == ven }) else {
            throw CommandFailure("There is no VEN '\(ven)'.", hint: "admit it: curtail cert", status: .notFound)
        }
        if let feeder {
            let known = try await DispatchResourceStore(database.pool).feeders().map(\.name)
            guard known.contains(feeder) else {
                throw CommandFailure(
                    "There is no feeder '\(feeder)'.", hint: "make it: curtail dispatch feeder \(feeder)",
                    status: .notFound)
            }
        }
        var terms = old?.terms ?? DispatchParticipant.Terms()
        terms.resourceClass = resourceClass?.word ?? terms.resourceClass
        terms.signal = signal?.word ?? terms.signal
        terms.share = share ?? terms.share
        terms.relativeError = error ?? terms.relativeError
        terms.optIn = optIn ?? terms.optIn
        terms.energyPrice = price ?? terms.energyPrice
        terms.callCost = callCost ?? terms.callCost
        terms.comfort = comfort ?? terms.comfort
        terms.seasonValue = seasonValue ?? terms.seasonValue
        terms.notice = notice?.span.seconds ?? terms.notice
        terms.minimumDuration = shortest?.span.seconds ?? terms.minimumDuration
        terms.maximumDuration = longest?.span.seconds ?? terms.maximumDuration
        terms.rest = rest?.span.seconds ?? terms.rest
        terms.callsPerDay = perDay ?? terms.callsPerDay
        terms.callsPerSeason = perSeason ?? terms.callsPerSeason
        terms.firstShare = firstShare ?? terms.firstShare
        terms.reboundShares = rebound?.shares ?? terms.reboundShares
        terms.levels = levels?.shares ?? terms.levels
        if let site {
            // Read as a site first: what is no site is refused with its reason.
            if site != "none" { _ = try InputFile.decode(SiteDocument.self, from: site, what: "site") }
            terms.site = site == "none" ? nil : try String(contentsOfFile: site, encoding: .utf8)
        }
        guard terms.maximumDuration >= terms.minimumDuration else {
            throw ValidationError("--longest is under --shortest.")
        }
        return DispatchParticipant(
            name: ResourceName(name), ven: VENID(ven), resource: resource.map { ResourceID($0) } ?? old?.resource,
            meter: id, feeder: feeder ?? old?.feeder, terms: terms)
    }
}

/// Shares, separated by commas.
struct SharesArgument: ExpressibleByArgument, Hashable {
    let shares: [Double]

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
        shares = parts.compactMap(\.self)
        guard shares.count == parts.count, shares.allSatisfy({ $0 >= 0 && $0 <= 1 }) else { return nil }
    }
}

/// A participant in lists and `--json`.
private struct DispatchParticipantLine: Encodable {
    let name: String
    let ven: String
    let resource: String?
    let meter: Int64
    let feeder: String?
    let terms: DispatchParticipant.Terms

    init(_ participant: DispatchParticipant) {
        name = participant.name.rawValue
        ven = participant.ven.rawValue
        resource = participant.resource?.rawValue
        meter = participant.meter.rawValue
        feeder = participant.feeder
        terms = participant.terms
    }
}

/// `curtail dispatch resource list`.
struct DispatchResourceListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List who can be called, and on what terms.",
        discussion: "Example:\n  curtail dispatch resource list --json")

    @OptionGroup var services: ServiceOptions

    @Flag(help: "Print one JSON array.")
    var json = false

    func run() async throws {
        let participants = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { try await DispatchResourceStore($0.pool).participants() }
        guard !json else { return print(try JSONOutput.text(participants.map(DispatchParticipantLine.init))) }
        guard !participants.isEmpty else {
            return print("Nobody is enrolled. Enrol a participant with 'curtail dispatch resource set'.")
        }
        var table = TextTable(
            ["resource", "VEN", "feeder", "class", "signal", "share", "opt in", "per kWh", "per call"],
            leftColumns: [0, 1, 2, 3, 4])
        for participant in participants {
            let terms = participant.terms
            table.add([
                participant.name.rawValue, participant.ven.rawValue, participant.feeder ?? "",
                terms.resourceClass.rawValue, terms.signal.rawValue, terms.share.fixed(2), terms.optIn.fixed(2),
                terms.energyPrice.fixed(2), terms.callCost.fixed(2),
            ])
        }
        print(table.rendered())
    }
}

/// `curtail dispatch resource remove`.
struct DispatchResourceRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take a participant out; plans that were made stay.",
        discussion: "Example:\n  curtail dispatch resource remove plant-7")

    @OptionGroup var removal: RemovalOptions

    func run() async throws {
        try await removal.perform(
            "participant", list: "curtail dispatch resource list", done: "is not called any more"
        ) { try await DispatchResourceStore($0).remove(ResourceName($1)) }
    }
}

/// `curtail dispatch feeder`.
struct DispatchFeederCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feeder",
        abstract: "Say what a feeder can take, or list feeders.",
        discussion: """
            Examples:
              curtail dispatch feeder north --shed 500 --rebound 120
              curtail dispatch feeder
            """)

    @OptionGroup var services: ServiceOptions

    @Argument(help: ArgumentHelp("Its name; without one, feeders are listed.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("The most that may be shed on it at once.", valueName: "kilowatts"))
    var shed: Double?

    @Option(help: ArgumentHelp("The most that may come back on it at once.", valueName: "kilowatts"))
    var rebound: Double?

    @Flag(help: "Print one JSON array of all feeders.")
    var json = false

    private struct Line: Encodable {
        let name: String
        let shedLimit: Double?
        let reboundLimit: Double?
    }

    func validate() throws {
        guard name != nil || (shed == nil && rebound == nil) else { throw ValidationError("Name the feeder.") }
        for (flag, value) in [("--shed", shed), ("--rebound", rebound)] {
            if let value, !(value >= 0 && value <= 1e7) {
                throw ValidationError("\(flag) takes kilowatts of zero or more, not \(value).")
            }
        }
        if let name, name.isEmpty || name.count > 128 { throw ValidationError("A name has 1 to 128 characters.") }
    }

    func run() async throws {
        let feeders = try await OperatorDatabase.with(
            services.resolved(defaultState: ServiceOptions.servedState)
        ) { database in
            let store = DispatchResourceStore(database.pool)
            if let name { try await store.save(DispatchFeeder(name: name, shedLimit: shed, reboundLimit: rebound)) }
            return try await store.feeders()
        }
        guard !json else {
            return print(
                try JSONOutput.text(
                    feeders.map { Line(name: $0.name, shedLimit: $0.shedLimit, reboundLimit: $0.reboundLimit) }))
        }
        guard !feeders.isEmpty else { return print("There is no feeder with limits.") }
        var table = TextTable(["feeder", "shed kW", "rebound kW"], leftColumns: [0])
        for feeder in feeders {
            table.add([feeder.name, feeder.shedLimit?.fixed(1) ?? "", feeder.reboundLimit?.fixed(1) ?? ""])
        }
        print(table.rendered())
    }
}
