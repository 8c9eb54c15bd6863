import DemandResponse
import Foundation
import Logging
import MariaDB
import Measures
import MutualTLS
import OpenADR
import OpenADRXML
import Persistence
import VirtualTopNode
import WebServer

/// The main job, step by step. Everything that can be wrong with the input is found before anything is written.
struct DemoRun: Sendable {
    struct Options: Sendable {
        let services: ResolvedServices
        let sites: Int
        let days: Int
        let data: String?
        let seed: UInt64
        let target: Watts?
        let port: Int
        let speed: Double
        let keepRunning: Bool
        let webPort: Int
    }

    static let steps = 9

    let options: Options
    let console: Console
    /// Told once the report is ready; with `keepRunning` the run goes on afterwards.
    let deliver: @Sendable (DemoReport) throws -> Void

    /// How often the VENs ask for news: of the simulated clock.
    private static let pollFrequency = TimeSpan.minutes(2)

    func run() async throws {
        let cast = try readings()
        let outlook = try await foresee(cast)
        // Everything that can be refused is refused by now; from here on something is written.
        try PortProbe.check(host: "127.0.0.1", port: options.port, option: "--port")
        let codec = OpenADRCodec(schemas: try SchemaSet(folder: options.services.schemas))
        let runtime = try await open()
        do {
            try await run(cast, outlook, codec, runtime)
        } catch {
            try? await runtime.close()
            throw error
        }
        try await runtime.close()
    }

    private func readings() throws -> DemoSites.Cast {
        console.begin(options.data == nil ? "simulating sites" : "reading load series")
        let cast =
            if let folder = options.data {
                try DemoSites.cut(from: folder, count: options.sites, days: options.days, seed: options.seed)
            } else {
                try DemoSites.simulated(count: options.sites, days: options.days, seed: options.seed)
            }
        console.finish("\(cast.sites.count) sites, event on \(cast.scenario.eventDay)")
        for note in cast.notes { console.remark(note) }
        for site in cast.sites {
            console.remark("\(site.name): \(site.provenance)")
        }
        return cast
    }

    /// Forecasts the event day and plans the event, so that a target that cannot be promised leaves no trace.
    private func foresee(_ cast: DemoSites.Cast) async throws -> DemoOutlook {
        console.begin("fitting seasonal ARIMA models")
        let forecasts = try await DemoForecasts.all(cast.sites, cast.scenario) { [console] in
            console.progress($0, of: cast.sites.count)
        }
        let accuracy = DemoSummary.accuracy(forecasts)
        console.finish(
            """
            error on \(accuracy.heldOutDays) held-out days, MASE \(accuracy.sarimaMASE.fixed(3)) \
            (seasonal naive \(accuracy.seasonalNaiveMASE.fixed(3)))
            """)
        console.begin("planning the event")
        let resources = DemoPlan.resources(cast.sites, forecasts: forecasts, cast.scenario)
        let record = try await DemoPlan.plan(target: options.target, resources: resources, cast.scenario)
        let outlook = DemoOutlook(forecasts: forecasts, record: record)
        console.finish(
            "\(outlook.target.kilowatts.fixed(0)) kW asked, \(record.plan.calls.count) sites called at "
                + "\(outlook.cost), \(record.plan.words)")
        return outlook
    }

    private func open() async throws -> Runtime {
        console.begin("starting MariaDB and Redis")
        let runtime = try await Runtime.open(options.services, database: "curtail")
        console.finish(runtime.local == nil ? "connected" : "private servers in \(options.services.stateDirectory)")
        return runtime
    }

    private func run(
        _ cast: DemoSites.Cast, _ outlook: DemoOutlook, _ codec: OpenADRCodec, _ runtime: Runtime
    ) async throws {
        let clock = AcceleratedTime(start: cast.scenario.clockStart, rate: 0)
        let log = try Self.logSink(options.services)
        let stage = DemoStage(
            cast: cast, outlook: outlook, options: options, console: console, runtime: runtime, clock: clock,
            codec: codec,
            topNode: TopNode(
                store: MariaDBTopNodeStore(runtime.pool), configuration: TopNodeConfiguration(),
                environment: TopNodeEnvironment(makeID: { UUID().uuidString })),
            pollFrequency: Self.pollFrequency,
            logger: Logger(label: "curtail.vtn") { JSONLogHandler(label: $0, level: .info, sink: log) },
            venLogger: Logger(label: "curtail.ven") { JSONLogHandler(label: $0, level: .notice, sink: log) })
        try await stage.perform(deliver)
    }

    /// The VTN's access log and the VENs' troubles go to a file: the terminal belongs to the progress.
    private static func logSink(_ services: ResolvedServices) throws -> LogSink {
        try? FileManager.default.createDirectory(
            atPath: services.stateDirectory, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        guard let sink = LogSink(appendingTo: "\(services.stateDirectory)/demo.log") else {
            throw CommandFailure(
                "The log file \(services.stateDirectory)/demo.log cannot be written.",
                hint: "choose another folder with --state-directory")
        }
        return sink
    }
}

/// What is known before the event: forecasts, what each site offers, and the plan.
struct DemoOutlook: Sendable {
    let forecasts: [MeterForecast]
    let record: DispatchRecord

    /// What is asked for in every interval.
    var target: Watts { .kilowatts(record.problem.target.lazy.compactMap(\.self).first ?? 0) }

    var cost: Money { Self.money(record.plan.cost, record.problem.currency) }

    static func money(_ amount: Double, _ currency: Currency) -> Money {
        Money(minorUnits: Int64((amount * 100).rounded()), currency: currency)
    }
}

extension DispatchProposal {
    /// For people, and for the report.
    var words: String {
        switch status {
        case .withinGap: gap <= 1e-9 ? "proven optimal" : "optimal within the gap"
        case .gapNotReached: "gap not reached: \(reason ?? "the search ended")"
        case .short: reason ?? "too much is missing"
        }
    }
}
