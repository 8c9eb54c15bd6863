import Foundation
import Logging
import Measures
import MutualTLS
import OpenADR
import OpenADRXML
import ServiceLifecycle
import Synchronization
import VirtualEndNode
import WebServer

/// A VEN on the machine's clock: its conversation, its outputs, its socket for people and, when it has one, its address
/// for pushes.
struct VENRun: Sendable {
    let settings: VENSettings
    let schemas: String
    let logFormat: LogFormat

    /// Runs until its task is cancelled; then it closes its connection and returns.
    func run() async throws {
        let logger = logFormat.logger("curtail.ven")
        let codec = OpenADRCodec(schemas: try SchemaSet(folder: schemas))
        try makeStateFolder()
        let client = HTTPSClient(
            host: settings.endpoint.host, port: settings.endpoint.port,
            context: try TLSClientContext(
                profile: settings.profile, identity: try settings.identity, trustRoots: try settings.trustRoots),
            verification: settings.serverVerification)
        let contact = LastContact()
        let outputs = try outputs(contact, logger: logger)
        let meter = try meter()
        let device = try await device(logger)
        let keeper = try EndNodeKeeper(folder: settings.state, codec: codec)
        // Before anything is told: what the loads do goes on.
        await outputs.follow(keeper.memory.timeline)
        let node = try node(
            keeper, client: client, codec: codec, outputs: outputs, device: device, meter: meter, contact: contact,
            logger: logger)
        announce()
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await node.run() }
                if settings.resources.contains(where: { $0.output != nil }) {
                    group.addTask { try await outputs.run() }
                }
                group.addTask { try await self.listen(for: node, logger: logger) }
                if let meter {
                    let reader = MeterReader(meters: settings.meters, sink: meter, logger: logger)
                    group.addTask { try await reader.run() }
                }
                if let push = settings.push {
                    let signing = try settings.signing()
                    let responder = EndNodeResponder(
                        codec: codec, logger: logger,
                        isVTN: { [fingerprints = settings.fingerprints] in fingerprints.contains($0.openADRFingerprint)
                        },
                        security: signing.map { signing in
                            EndNodeResponder.Security(
                                check: { try signing.check($0) }, sign: { try signing.sign($0) })
                        },
                        exchange: { payload, service in
                            contact.note(SystemTime().now())
                            guard case .payload(let answer) = try node.receive(payload, at: service) else { return nil }
                            return answer
                        })
                    group.addTask { try await self.takePushes(push, responder, logger: logger) }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
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

    private func announce() {
        let simulated =
            "\(settings.load.kilowatts.fixed(1)) kW, of which \((settings.share * 100).fixed(0)) % can be shed"
        let load =
            settings.meters.isEmpty
            ? settings.site.map { "what \($0) plans" } ?? simulated : "\(settings.meters.count) meters"
        LogSink.outputStream.write(
            """
            \(settings.venName) speaks to \(settings.vtnID?.rawValue ?? "its VTN") at \(settings.vtnURL)
              load  \(load); says \(settings.opt.rawValue) to every event
              state \(settings.state)
              stop  Ctrl-C

            """)
    }

    private func node(
        _ keeper: sending EndNodeKeeper, client: HTTPSClient, codec: OpenADRCodec, outputs: OutputController,
        device: any MeterSource & DispatchTarget, meter: SampledMeter?, contact: LastContact, logger: Logger
    ) throws -> EndNode {
        let transport = HTTPSTransport(
            client: client, codec: codec, base: settings.endpoint.path, signing: try settings.signing())
        return EndNode(
            configuration: EndNodeConfiguration(
                venName: settings.venName, venID: settings.venID, usesXMLSignature: settings.signs,
                resources: settings.resources.compactMap(\.id),
                marketContexts: settings.marketContexts.isEmpty ? nil : Set(settings.marketContexts),
                transport: settings.push.map { .httpPush(address: $0.address) } ?? .httpPull,
                reports: offers, pollFrequency: settings.poll),
            environment: EndNodeEnvironment(
                makeID: { UUID().uuidString }, random: { Double.random(in: 0..<1) }),
            surroundings: EndNode.Surroundings(
                transport: NotingTransport(base: transport, contact: contact),
                time: SystemTime(), meter: ObservedMeter(meter ?? device, logger: logger), status: outputs,
                target: ObservedTarget([device, outputs], logger: logger), policy: FixedOpt(type: settings.opt),
                logger: logger),
            keeper: keeper)
    }

    /// One data point for each meter, now and of the past; one of the whole for a simulated load. The state of each
    /// resource, or of the whole.
    private var offers: [TelemetryOffer] {
        let points = settings.meters.map {
            TelemetryOffer.Point(rID: RID($0.resource?.rawValue ?? "meter"), resource: $0.resource)
        }
        let step = settings.meters.map(\.every).max() ?? .seconds(10)
        let metered = points.isEmpty ? [TelemetryOffer.Point(rID: "meter")] : points
        let delay = settings.meters.map(\.delay).max() ?? .zero
        let resources = settings.resources.compactMap(\.id).map {
            TelemetryOffer.Point(rID: RID($0.rawValue), resource: $0)
        }
        let all = [
            TelemetryOffer(
                specifierID: "usage", points: metered, minPeriod: step, maxPeriod: max(step, .hours(1)),
                capacity: .days(7), onChange: true, delay: delay),
            TelemetryOffer(
                specifierID: "history", kind: .history, points: metered, minPeriod: step,
                maxPeriod: max(step, .hours(1)), capacity: .days(7), delay: delay),
            TelemetryOffer(
                specifierID: "status", kind: .status,
                points: resources.isEmpty ? [TelemetryOffer.Point(rID: "site")] : resources, minPeriod: .seconds(10),
                capacity: .days(7), onChange: true),
        ]
        return all.filter { settings.reports.contains($0.kind) }
    }

    /// A load without outputs: a constant one, or a site that follows its plan.
    private func device(_ logger: Logger) async throws -> any MeterSource & DispatchTarget {
        if let site = settings.site { return try await SitePlanLoad(path: site, logger: logger) }
        let load = settings.load
        return SimulatedLoad(ability: SimulatedLoad.Ability(share: settings.share)) { load * $0.duration }
    }

    /// What the site's meters showed; nil for a simulated load.
    private func meter() throws -> SampledMeter? {
        guard !settings.meters.isEmpty else { return nil }
        let kept = settings.meters.filter { if case .csv = $0.input { false } else { true } }.map(\.resource)
        return try SampledMeter(
            series: Dictionary(
                uniqueKeysWithValues: settings.meters.map {
                    ($0.resource, SampleSeries(kind: $0.kind, step: $0.every))
                }), kept: Set(kept), journal: "\(settings.state)/\(SampledMeter.fileName)", now: SystemTime().now())
    }

    private func outputs(_ contact: LastContact, logger: Logger) throws -> OutputController {
        let resources = settings.resources.compactMap { resource -> OutputController.Resource? in
            guard let output = resource.output else { return nil }
            let driver: any ControlOutput =
                switch output {
                case .command(let command): CommandOutput(command: command)
                case .webhook(let url): WebhookOutput(url: url)
                case .plugin(let command): PluginOutput(command: command, logger: logger)
                }
            return OutputController.Resource(
                control: ResourceControl(
                    resource: resource.id, limits: resource.limits, failSafe: settings.failSafe), output: driver)
        }
        return try OutputController(
            resources: resources, time: SystemTime(), journal: "\(settings.state)/\(OutputController.fileName)",
            contact: { contact.last }, logger: logger)
    }

    /// The folder of the VEN's memory, which only its user can read.
    private func makeStateFolder() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: settings.state, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(
                "The state folder \(settings.state) cannot be used: \(error.localizedDescription)",
                hint: "choose another one with --state", status: .notReady)
        }
    }

    /// Answers commands at the site until the task is cancelled.
    private func listen(for node: EndNode, logger: Logger) async throws {
        let path = "\(settings.state)/\(ControlSocket.fileName)"
        guard path.utf8.count <= ControlSocket.longestPath else {
            logger.warning("no socket for 'curtail ven status': its path is too long", metadata: ["path": "\(path)"])
            return try await SystemTime().sleep(for: .days(36_500))
        }
        let listener = try await ControlSocket.listen(at: path) { request in
            switch request {
            case .status: return .status(node.status())
            case .perform(let command):
                do {
                    return .done(try node.perform(command))
                } catch {
                    return .refused("\(error)")
                }
            }
        }
        do {
            try await SystemTime().sleep(for: .days(36_500))
        } catch {
            await listener.close()
            throw error
        }
    }

    private func takePushes(
        _ push: VENSettings.Push, _ responder: EndNodeResponder, logger: Logger
    ) async throws {
        try PortProbe.check(host: push.host, port: push.port, option: "--set push.listen=HOST:PORT")
        let tls = try TLSServerContext(
            profile: settings.profile, identities: [try settings.identity],
            clients: .required(try settings.trustRoots))
        let listener = OpenADRServer.application(
            host: push.host, port: push.port, tls: tls, responder: responder, logger: logger,
            onRunning: {
                logger.notice("takes pushes", metadata: ["port": "\($0 ?? 0)", "address": "\(push.address)"])
            })
        try await ServiceGroup(configuration: .init(services: [listener], logger: logger)).run()
    }
}

/// When the VTN was last heard of, by whichever way.
final class LastContact: Sendable {
    private let instant = Mutex<Instant?>(nil)

    var last: Instant? { instant.withLock { $0 } }

    func note(_ now: Instant) { instant.withLock { $0 = now } }
}

/// Notes each answer of the VTN.
private struct NotingTransport: OpenADRTransport {
    let base: HTTPSTransport
    let contact: LastContact

    func exchange(_ payload: Payload, with service: ServiceName) async throws -> Payload {
        let answer = try await base.exchange(payload, with: service)
        contact.note(SystemTime().now())
        return answer
    }
}

/// The same answer to every event.
private struct FixedOpt: OptPolicy {
    let type: OptType

    func decide(on event: Event, now: Instant) async -> OptType { type }
}

/// Writes down what the load is told.
private struct ObservedTarget: DispatchTarget {
    private let targets: [any DispatchTarget]
    private let logger: Logger

    init(_ targets: [any DispatchTarget], logger: Logger) {
        self.targets = targets
        self.logger = logger
    }

    func follow(_ timeline: Timeline) async {
        for slot in timeline.layers.flatMap(\.slots) {
            logger.notice(
                "dispatch",
                metadata: [
                    "event": "\(slot.eventID)", "from": "\(slot.start)",
                    "to": "\(slot.end.map(\.description) ?? "open")", "what": "\(slot.dispatch)",
                ])
        }
        if timeline.layers.isEmpty { logger.notice("dispatch", metadata: ["what": "nothing"]) }
        for target in targets { await target.follow(timeline) }
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
