import ArgumentParser
import Foundation
import Measures
import Optimization
import SiteScheduling

/// `curtail site`: what one site should do.
struct SiteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "site",
        abstract: "Plan one site's battery and flexible loads, and try plans on the day that came.",
        discussion: """
            A site is a JSON file: load and sun by step, prices, battery, loads that can wait, zones that can be dropped in
            an outage. Documentation/optimizer.md describes the fields. 'plan' also takes a request for evcc's optimizer.
            """,
        subcommands: [SitePlanCommand.self, SiteSimulateCommand.self, SiteCompareCommand.self])
}

/// Which planner a command uses.
enum SiteMethod: String, CaseIterable, ExpressibleByArgument {
    /// The mixed-integer model.
    case milp
    /// Dynamic programming over the battery, loads as the naive policy runs them.
    case dp
    /// Surplus into the battery, deficit out of it, loads as soon as they may.
    case naive

    func schedule(
        _ site: Site, _ limits: SolveLimits, archive: ModelArchive = .ofFailures
    ) async throws -> SiteSchedule {
        switch self {
        case .milp: return await SitePlanner(solver: CBCSolver(archive: archive), limits: limits).schedule(site)
        case .naive: return NaivePolicy(site).schedule()
        case .dp:
            guard let schedule = SiteSchedule.storageOnly(site) else {
                throw CommandFailure(
                    "The dynamic program plans a battery, and this site has none.", hint: "use --method milp",
                    status: .refused)
            }
            return schedule
        }
    }
}

/// How long and how near a site is planned.
struct SitePlanOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Stop within this share of the best (0 to 0.5).", valueName: "share"))
    var gap = 0.005

    @Option(help: ArgumentHelp("Stop after about this time, with the best that was found.", valueName: "span"))
    var within = SpanArgument(.seconds(30))

    func validate() throws {
        guard gap >= 0, gap <= 0.5 else { throw ValidationError("--gap takes 0 to 0.5, not \(gap).") }
        guard within.span >= .seconds(1) else { throw ValidationError("--within takes a second or more.") }
    }

    var limits: SolveLimits { SolveLimits(seconds: Double(within.span.seconds), gap: gap) }
}

/// `curtail site plan`.
struct SitePlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Plan a site's battery and loads at least cost.",
        discussion: """
            What cannot be done is named with its amount instead of failing: an energy that is missing, power beyond the
            meter. With 'outageRisk' in the file it also says how much to hold against an outage, why, and how long that
            lasts. A request for evcc's optimizer (with 'time_series' and 'batteries') is planned as such.

            Examples:
              curtail site plan home.json
              curtail site plan home.json --gap 0 --within 2m --svg home.svg
              curtail site plan request.json --json
            """)

    @Argument(help: ArgumentHelp("The site, a JSON file.", valueName: "file"))
    var file: String

    @OptionGroup var options: SitePlanOptions

    @Option(help: "How: \(SiteMethod.allCases.map(\.rawValue).joined(separator: ", ")).")
    var method = SiteMethod.milp

    @Option(help: ArgumentHelp("Write a plot to this file.", valueName: "file"))
    var svg: String?

    @OptionGroup var dump: ModelDumpOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        switch try InputFile.decode(SiteFile.self, from: file, what: "site") {
        case .fleet(let fleet): try await plan(fleet)
        case .site(let document): try await plan(document)
        }
    }

    private func plan(_ document: SiteDocument) async throws {
        let schedule = try await method.schedule(document.site, options.limits, archive: dump.archive())
        let report = SiteReport(document, document.site, schedule, name: method.rawValue)
        if let svg { try InputFile.write(SitePicture(document, document.site, schedule).svg(), to: svg, flag: "--svg") }
        let outlook = document.outages.map { SiteOutlook(document, schedule, $0) }
        guard !json else {
            return print(try JSONOutput.text(SitePlanOutput(plan: report, outlook: outlook)))
        }
        print(report.text())
        if let outlook { print(outlook.text()) }
    }

    private func plan(_ fleet: StorageFleet) async throws {
        guard method == .milp else {
            throw CommandFailure(
                "A request for evcc's optimizer is planned by the model only.", hint: "leave out --method",
                status: .refused)
        }
        var limits = options.limits
        // Its preferences are small fractions of the money: a gap would decide them at random.
        limits.gap = 0
        let solver = CBCSolver(archive: try dump.archive())
        switch await FleetPlanner(solver: solver, limits: limits).schedule(fleet) {
        case .failure(let failure):
            throw CommandFailure("There is no plan: \(failure.reason).", hint: "allow more time with --within")
        case .success(let schedule):
            if let svg { try InputFile.write(SitePicture.fleet(fleet, schedule), to: svg, flag: "--svg") }
            let report = StorageFleetReport(schedule)
            print(json ? try JSONOutput.text(report) : report.text())
        }
    }
}

/// A site, or a request for evcc's optimizer.
enum SiteFile: Decodable {
    case site(SiteDocument)
    case fleet(StorageFleet)

    private enum Key: String, CodingKey {
        case series = "time_series"
        case request
    }

    init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: Key.self)
        if keys.contains(.series) {
            self = .fleet(try StorageFleet(from: decoder))
        } else if keys.contains(.request) {
            self = .fleet(try keys.decode(StorageFleet.self, forKey: .request))
        } else {
            self = .site(try SiteDocument(from: decoder))
        }
    }

    /// The site of a file that a day can be tried on.
    static func actual(_ path: String) throws -> (document: SiteDocument, actual: Site) {
        guard case .site(let document) = try InputFile.decode(SiteFile.self, from: path, what: "site") else {
            throw CommandFailure(
                "\(path) is a request for evcc's optimizer, which says nothing of the day that came.",
                hint: "write the site in the form of Documentation/optimizer.md", status: .refused)
        }
        guard let actual = document.actual else {
            throw CommandFailure(
                "\(path) does not say what came.",
                hint: "add 'actual' with the load (base) and the sun (solar) of the day",
                status: .refused)
        }
        return (document, actual)
    }
}

/// `curtail site simulate`.
struct SiteSimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Carry a plan out with the load and the sun that came.",
        discussion: """
            Plans with the forecast, then runs the plan on the same plant with the series under 'actual'. Where the plan buys
            nothing the battery follows the load, so that an error of the forecast is not bought.

            Examples:
              curtail site simulate day.json
              curtail site simulate day.json --method dp --svg day.svg --json
            """)

    @Argument(help: ArgumentHelp("The site with 'actual', a JSON file.", valueName: "file"))
    var file: String

    @OptionGroup var options: SitePlanOptions

    @Option(help: "How it is planned: \(SiteMethod.allCases.map(\.rawValue).joined(separator: ", ")).")
    var method = SiteMethod.milp

    @Option(help: ArgumentHelp("Write a plot to this file.", valueName: "file"))
    var svg: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let (document, actual) = try SiteFile.actual(file)
        let plan = try await method.schedule(document.site, options.limits)
        let came = SiteSimulation(actual).run(plan, expected: document.site)
        if let svg { try InputFile.write(SitePicture(document, actual, came).svg(), to: svg, flag: "--svg") }
        let reports = [
            SiteReport(document, document.site, plan, name: "planned"),
            SiteReport(document, actual, came, name: "came"),
        ]
        guard !json else { return print(try JSONOutput.text(reports)) }
        print(SiteReport.table(reports))
        print(reports[1].notes())
    }
}

/// `curtail site compare`.
struct SiteCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare plan, dynamic program and naive policy on the day that came.",
        discussion: """
            Every policy runs on the same plant with the series under 'actual' (without them: on the forecast). The last line
            is what a planner that knew the day would have paid: nothing can do better.

            Examples:
              curtail site compare day.json
              curtail site compare day.json --svg day.svg --json
            """)

    @Argument(help: ArgumentHelp("The site, a JSON file.", valueName: "file"))
    var file: String

    @OptionGroup var options: SitePlanOptions

    @Option(help: ArgumentHelp("Write a plot of what the policies draw to this file.", valueName: "file"))
    var svg: String?

    @Flag(help: "Print one JSON array.")
    var json = false

    func run() async throws {
        guard case .site(let document) = try InputFile.decode(SiteFile.self, from: file, what: "site") else {
            throw CommandFailure(
                "\(file) is a request for evcc's optimizer, which has no naive policy to compare with.",
                hint: "write the site in the form of Documentation/optimizer.md", status: .refused)
        }
        let actual = document.actual ?? document.site
        let simulation = SiteSimulation(actual)
        let plan = try await SiteMethod.milp.schedule(document.site, options.limits)
        var runs: [(name: String, schedule: SiteSchedule)] = [
            ("naive", NaivePolicy(actual).schedule()), ("plan", simulation.run(plan, expected: document.site)),
        ]
        if let storage = SiteSchedule.storageOnly(document.site) {
            runs.insert(("dynamic program", simulation.run(storage, expected: document.site)), at: 1)
        }
        if document.actual != nil {
            runs.append(("with foresight", try await SiteMethod.milp.schedule(actual, options.limits)))
        }
        if let svg {
            try InputFile.write(
                SitePicture.comparison(document, actual, runs.map { ($0.name, $0.schedule) }), to: svg, flag: "--svg")
        }
        let reports = runs.map { SiteReport(document, actual, $0.schedule, name: $0.name) }
        guard !json else { return print(try JSONOutput.text(reports)) }
        print(SiteReport.table(reports))
        for report in reports where !report.notes().isEmpty { print("\(report.name): \(report.notes())") }
    }
}
