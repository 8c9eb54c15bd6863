import Credentials
import Foundation
import Logging
import Measures
import MutualTLS
import OpenADR
import OpenADRXML
import Persistence
import ServiceLifecycle
import Synchronization
import VirtualEndNode
import VirtualTopNode
import WebServer

/// One life of a VTN: everything but the database is new.
final class TestListener: Sendable {
    let port: Int
    let node: TopNode
    let metrics: MetricsRegistry
    private let handshakes: Handshakes
    private let running: RunningServer

    private final class Handshakes: Sendable {
        let results = Mutex<[Result<TLSHandshakeCompleted, TLSFailure>]>([])
    }

    /// What stands before the top node.
    struct Wire: Sendable {
        var directory = PeerDirectory { _ in PeerStanding() }
        var rates: PeerRates?
        var connections = ConnectionTable()
        var security: MessageSecurity?
        var journal: @Sendable ([WireRecord]) -> Void = { _ in }
        /// Hears of polls that were answered in front of the responder.
        var sawIdlePoll: @Sendable () -> Void = {}
        var connectionLimit = 100
    }

    private init(
        port: Int, node: TopNode, metrics: MetricsRegistry, handshakes: Handshakes, running: RunningServer
    ) {
        self.port = port
        self.node = node
        self.metrics = metrics
        self.handshakes = handshakes
        self.running = running
    }

    static func start(
        _ world: World, time: any TimeSource, port: Int = 0, telemetry: TelemetryRule = TelemetryRule(),
        wire: Wire = Wire()
    ) async throws -> TestListener {
        let node = TopNode(
            store: MariaDBTopNodeStore(world.pool), configuration: TopNodeConfiguration(telemetry: telemetry),
            environment: TopNodeEnvironment { UUID().uuidString })
        let (metrics, handshakes, logger) = (MetricsRegistry(), Handshakes(), silence)
        let responder = OpenADRResponder(
            codec: world.codec,
            surroundings: OpenADRResponder.Surroundings(
                time: time, metrics: metrics, logger: logger, peer: OpenADRServer.peer,
                directory: wire.directory, rates: wire.rates, connections: wire.connections,
                security: wire.security,
                idlePolls: IdlePolls(
                    hasWaiting: { node.hasWaiting(for: $0, then: $1) }, journal: { _, _, _, _ in wire.sawIdlePoll() }),
                journal: wire.journal)
        ) { payload, service, peer, now in
            try await node.handle(payload, at: service, from: peer, now: now)
        }
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let application = OpenADRServer.application(
            host: "127.0.0.1", port: port, tls: try world.authority.server(), responder: responder, logger: logger,
            watch: ConnectionWatch(table: wire.connections, metrics: metrics, logger: logger),
            frontHandlers: responder.makeFrontHandlers, connectionLimit: wire.connectionLimit,
            observe: { result, _ in handshakes.results.withLock { $0.append(result) } },
            onRunning: { announce.yield($0 ?? 0) })
        let running = RunningServer(application) { announce.finish() }
        for await port in ports {
            return TestListener(
                port: port, node: node, metrics: metrics, handshakes: handshakes, running: running)
        }
        try await running.task.value
        throw TestFailure("the listener ended at once")
    }

    /// One that can be started again on its port: below the ports that the kernel hands out, so that no stranger takes it
    /// while nobody listens.
    static func startOnKeptPort(_ world: World, time: any TimeSource) async throws -> TestListener {
        let first = 20_000 + Int(getpid()) % 8_000
        for port in first..<(first + 200) {
            if let listener = try? await start(world, time: time, port: port) { return listener }
        }
        throw TestFailure("no port between \(first) and \(first + 200) is free")
    }

    /// The next life on the port of the one before, whose socket may need a moment to go on a busy machine.
    static func restart(_ world: World, time: any TimeSource, port: Int) async throws -> TestListener {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            do {
                return try await start(world, time: time, port: port)
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// Ends it where it stands, as a crash would.
    func stop() async { await running.stop() }

    /// The names of clients that shook hands.
    var admitted: [String?] {
        handshakes.results.withLock { $0.compactMap { try? $0.get().peer?.commonName } }
    }

    /// Why others did not.
    var refusals: [TLSFailure.Reason] {
        handshakes.results.withLock { results in
            results.compactMap { if case .failure(let failure) = $0 { failure.reason } else { nil } }
        }
    }
}

let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// One message of a client that is no VEN.
func post(
    _ payload: Payload, to listener: TestListener, _ world: World, as identity: IssuedCertificate?
) async throws -> Payload {
    let client = HTTPSClient(
        host: "127.0.0.1", port: listener.port, context: try world.authority.client(identity))
    let service = payload.service ?? .oadrPoll
    let result: Result<HTTPSAnswer, HTTPSFailure>
    do throws(HTTPSFailure) {
        result = .success(try await client.post(path: service.path, body: world.codec.encode(payload)))
    } catch {
        result = .failure(error)
    }
    await client.close()
    let answer = try result.get()
    guard answer.status == 200 else { throw TestFailure("HTTP \(answer.status)") }
    return try world.codec.decode(answer.body)
}
