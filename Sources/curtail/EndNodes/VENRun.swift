import Foundation
import Logging
import Measures
import MutualTLS
import OpenADR
import OpenADRXML
import VirtualEndNode

/// A VEN with a simulated load, on the machine's clock.
struct VENRun: Sendable {
    struct Options: Sendable {
        let bundle: String
        /// Instead of the bundle's.
        let url: String?
        let schemas: String
        let load: Watts
        /// How much of the load can be shed, from 0 to 1.
        let share: Double
        let opt: OptType
        let logFormat: LogFormat
    }

    let options: Options

    /// Runs until its task is cancelled; then it closes its connection and returns.
    func run() async throws {
        let bundle = try VENBundle(folder: options.bundle)
        let url = options.url ?? bundle.settings.vtnURL
        guard let endpoint = VTNEndpoint(url) else {
            throw CommandFailure(
                "'\(url)' is not the URL of a VTN.", hint: "write it like https://vtn.example.com:8443",
                status: .usage)
        }
        let logger = options.logFormat.logger("curtail.ven")
        let client = HTTPSClient(
            host: endpoint.host, port: endpoint.port,
            context: try TLSClientContext(identity: try bundle.identity(), trustRoots: try bundle.trustRoots()))
        let node = try node(bundle.settings, client: client, base: endpoint.path, logger: logger)
        LogSink.outputStream.write(
            """
            \(bundle.settings.venID) speaks to \(bundle.settings.vtnID) at \(url)
              load  \(options.load.kilowatts.fixed(1)) kW, of which \((options.share * 100).fixed(0)) % can be shed; \
            says \(options.opt.rawValue) to every event
              stop  Ctrl-C

            """)
        do {
            try await node.run()
        } catch let failure as EndNodeFailure {
            await client.close()
            throw CommandFailure(
                "The VEN stopped: \(failure).", hint: "compare its certificate with 'curtail cert list' of the VTN",
                status: .refused)
        }
        await client.close()
        logger.notice("stopped")
    }

    private func node(
        _ settings: VENBundle.Settings, client: HTTPSClient, base: String, logger: Logger
    ) throws -> EndNode {
        let load = options.load
        let device = SimulatedLoad(ability: SimulatedLoad.Ability(share: options.share)) { load * $0.duration }
        let codec = OpenADRCodec(schemas: try SchemaSet(folder: options.schemas))
        return EndNode(
            configuration: EndNodeConfiguration(
                venName: settings.venID, venID: VENID(settings.venID),
                reports: [
                    TelemetryOffer(
                        specifierID: "usage", points: [TelemetryOffer.Point(rID: "meter")], minPeriod: .seconds(10))
                ], pollFrequency: .seconds(settings.pollSeconds)),
            environment: EndNodeEnvironment(
                makeID: { UUID().uuidString }, random: { Double.random(in: 0..<1) }),
            surroundings: EndNode.Surroundings(
                transport: HTTPSTransport(client: client, codec: codec, base: base), time: SystemTime(),
                meter: ObservedMeter(device, logger: logger), target: ObservedTarget(device, logger: logger),
                policy: FixedOpt(type: options.opt), logger: logger))
    }
}

/// The same answer to every event.
private struct FixedOpt: OptPolicy {
    let type: OptType

    func decide(on event: Event, now: Instant) async -> OptType { type }
}

/// Writes down what the load is told.
private struct ObservedTarget: DispatchTarget {
    private let base: any DispatchTarget
    private let logger: Logger

    init(_ base: any DispatchTarget, logger: Logger) {
        self.base = base
        self.logger = logger
    }

    func follow(_ timeline: Timeline) async {
        for slot in timeline.layers.flatMap(\.slots) {
            logger.notice(
                "dispatch",
                metadata: [
                    "event": "\(slot.eventID)", "from": "\(slot.start)",
                    "to": "\(slot.end.map(\.description) ?? "open")", "what": "\(Self.words(slot.dispatch))",
                ])
        }
        if timeline.layers.isEmpty { logger.notice("dispatch", metadata: ["what": "nothing"]) }
        await base.follow(timeline)
    }

    private static func words(_ dispatch: Dispatch) -> String {
        switch dispatch {
        case .setpoint(let power): "keep \(power.kilowatts.fixed(1)) kW"
        case .delta(let power): "change by \(power.kilowatts.fixed(1)) kW"
        case .level(let level): "level \(level)"
        case .price(let price): "price \(price)"
        }
    }
}

/// Writes down what the meter shows when it is read for a report.
private struct ObservedMeter: MeterSource {
    private let base: any MeterSource
    private let logger: Logger

    init(_ base: any MeterSource, logger: Logger) {
        self.base = base
        self.logger = logger
    }

    func readings(
        of resource: ResourceID?, in window: TimeWindow, every step: TimeSpan
    ) async throws -> [IntervalReading] {
        let readings = try await base.readings(of: resource, in: window, every: step)
        let energy = readings.compactMap(\.energy).reduce(.zero, +)
        logger.info(
            "telemetry",
            metadata: [
                "from": "\(window.start)", "to": "\(window.end)",
                "mean": "\(energy.meanPower(over: max(window.duration, .seconds(1))).kilowatts.fixed(2)) kW",
            ])
        return readings
    }
}
