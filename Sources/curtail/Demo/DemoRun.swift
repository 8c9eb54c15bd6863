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
        if let target = options.target { try await refuseImpossible(target, cast) }
        let runtime = try await open()
        do {
            try await run(cast, runtime)
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

    /// A target that cannot be promised is refused before anything is written.
    private func refuseImpossible(_ target: Watts, _ cast: DemoSites.Cast) async throws {
        let forecasts = await DemoForecasts.all(cast.sites, cast.scenario) { _ in }
        let resources = try DemoPlan.resources(cast.sites, forecasts: forecasts, cast.scenario)
        _ = try await DemoPlan.plan(target: target, resources: resources, cast.scenario)
    }

    private func open() async throws -> Runtime {
        console.begin("starting MariaDB and Redis")
        let runtime = try await Runtime.open(options.services, database: "curtail")
        console.finish(runtime.local == nil ? "connected" : "private servers in \(options.services.stateDirectory)")
        return runtime
    }

    private func run(_ cast: DemoSites.Cast, _ runtime: Runtime) async throws {
        let clock = AcceleratedTime(start: cast.scenario.clockStart, rate: 0)
        let log = try Self.logSink(options.services)
        let codec = OpenADRCodec(schemas: try SchemaSet(folder: options.services.schemas))
        let stage = DemoStage(
            cast: cast, options: options, console: console, runtime: runtime, clock: clock, codec: codec,
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
