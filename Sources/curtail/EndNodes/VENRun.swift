import Foundation
import Logging
import Measures
import MutualTLS
import OpenADR
import OpenADRXML
import VirtualEndNode

/// A VEN with a simulated load, on the machine's clock.
struct VENRun: Sendable {
    let settings: VENSettings
    let schemas: String
    let logFormat: LogFormat

    /// Runs until its task is cancelled; then it closes its connection and returns.
    func run() async throws {
        let logger = logFormat.logger("curtail.ven")
        let codec = OpenADRCodec(schemas: try SchemaSet(folder: schemas))
        let client = HTTPSClient(
            host: settings.endpoint.host, port: settings.endpoint.port,
            context: try TLSClientContext(
                profile: settings.profile, identity: try settings.identity, trustRoots: try settings.trustRoots),
            verification: settings.serverVerification)
        let node = try node(client: client, codec: codec, logger: logger)
        LogSink.outputStream.write(
            """
            \(settings.venName) speaks to \(settings.vtnID?.rawValue ?? "its VTN") at \(settings.vtnURL)
              load  \(settings.load.kilowatts.fixed(1)) kW, of which \((settings.share * 100).fixed(0)) % can be shed; \
            says \(settings.opt.rawValue) to every event
              state \(settings.state)
              stop  Ctrl-C

            """)
        do {
            try await node.run()
        } catch let failure as EndNodeFailure {
            await client.close()
            throw CommandFailure(
                "The VEN stopped: \(failure).", hint: "compare its certificate with 'curtail cert list' of the VTN",
                status: .refused)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        logger.notice("stopped")
    }

    private func node(client: HTTPSClient, codec: OpenADRCodec, logger: Logger) throws -> EndNode {
        let load = settings.load
        let device = SimulatedLoad(ability: SimulatedLoad.Ability(share: settings.share)) { load * $0.duration }
        return EndNode(
            configuration: EndNodeConfiguration(
                venName: settings.venName, venID: settings.venID,
                marketContexts: settings.marketContexts.isEmpty ? nil : Set(settings.marketContexts),
                reports: [
                    TelemetryOffer(
                        specifierID: "usage", points: [TelemetryOffer.Point(rID: "meter")], minPeriod: .seconds(10))
                ], pollFrequency: settings.poll),
            environment: EndNodeEnvironment(
                makeID: { UUID().uuidString }, random: { Double.random(in: 0..<1) }),
            surroundings: EndNode.Surroundings(
                transport: HTTPSTransport(client: client, codec: codec, base: settings.endpoint.path),
                time: SystemTime(), meter: ObservedMeter(device, logger: logger),
                target: ObservedTarget(device, logger: logger), policy: FixedOpt(type: settings.opt), logger: logger),
            keeper: try keeper(codec))
    }

    /// The VEN's memory, in a folder that only its user can read.
    private func keeper(_ codec: OpenADRCodec) throws -> EndNodeKeeper {
        do {
            try FileManager.default.createDirectory(
                atPath: settings.state, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(
                "The state folder \(settings.state) cannot be used: \(error.localizedDescription)",
                hint: "choose another one with --state", status: .notReady)
        }
        return try EndNodeKeeper(folder: settings.state, codec: codec)
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
