import Credentials
import Foundation
import Logging
import Measures
import MutualTLS
import OpenADR
import Persistence
import ServiceLifecycle
import Synchronization
import Testing
import VirtualTopNode
import WebServer
import XMLSignatures

extension IntegrationTests {
    /// A VTN that sends its messages to VENs over mutual TLS: to ours, and to openleadr's codec in Python.
    ///
    /// One after the other: the senders share one database, and a sender takes whatever waits there, with its own
    /// rules for addresses.
    @Suite(.serialized) struct PushTests {
        /// A VEN's own listener: keeps what it was sent and answers as the profile wants it.
        private final class Listener: Sendable {
            let received = Mutex<[Payload]>([])
            let port: Int
            private let running: RunningServer

            private init(port: Int, running: RunningServer) {
                self.port = port
                self.running = running
            }

            /// - Parameter signs: takes only what the VTN signed, and signs its answers.
            static func start(
                _ world: World, as certificate: IssuedCertificate, signs: Bool = false
            ) async throws -> Listener {
                let (ports, announce) = AsyncStream.makeStream(of: Int.self)
                let shared = Shared()
                let key = try SigningKey(certificate)
                let settings = WireSettings(signatures: signs ? .required : .optional)
                let security = MessageSecurity(
                    keys: { [key] }, nonces: MariaDBNonceBook(world.pool),
                    certificate: OpenADRServer.certificate(of:), makeNonce: { UUID().uuidString })
                let responder = OpenADRResponder(
                    codec: world.codec,
                    surroundings: OpenADRResponder.Surroundings(
                        time: SystemTime(), metrics: MetricsRegistry(), logger: silence, peer: OpenADRServer.peer,
                        directory: PeerDirectory { _ in PeerStanding(settings: settings) },
                        security: signs ? security : nil)
                ) { message, _, _, _ in shared.take(message) }
                let tls = try TLSServerContext(
                    identities: [try TLSIdentity(certificate)], clients: .required(world.authority.roots))
                let application = OpenADRServer.application(
                    host: "127.0.0.1", port: 0, tls: tls, responder: responder, logger: silence,
                    observe: { _, _ in }, onRunning: { announce.yield($0 ?? 0) })
                let running = RunningServer(application)
                for await port in ports {
                    let listener = Listener(port: port, running: running)
                    shared.listener.withLock { $0 = listener }
                    return listener
                }
                throw TestFailure("the VEN does not listen")
            }

            /// The listener, which is there once it has a port.
            private final class Shared: Sendable {
                let listener = Mutex<Listener?>(nil)

                func take(_ message: ReceivedMessage) -> Payload {
                    guard case .sound(let payload) = message else {
                        return .response(Response(response: EiResponse(code: .complianceError)))
                    }
                    listener.withLock(\.self)?.received.withLock { $0.append(payload) }
                    let ok = EiResponse(requestID: payload.requestID ?? .empty)
                    return switch payload {
                    case .registerReport: .registeredReport(RegisteredReport(response: ok))
                    case .cancelPartyRegistration(let message):
                        .canceledPartyRegistration(
                            CanceledPartyRegistration(response: ok, registrationID: message.registrationID))
                    default: .response(Response(response: ok))
                    }
                }
            }

            var names: [String] { received.withLock { $0.map(\.elementName) } }
            func stop() async { await running.stop() }
        }

        private static func sender(
            _ world: World, _ listener: TestListener, allowed: [String] = ["127.0.0.0/8", "::1"],
            settings: WireSettings = WireSettings(), journal: @escaping @Sendable ([WireRecord]) -> Void = { _ in }
        ) throws -> Task<Void, any Error> {
            let keys = try world.authority.servers.map { try SigningKey($0) }
            let own = try TLSIdentity(world.authority.servers[1])
            let sender = PushSender(
                node: listener.node, codec: world.codec,
                tls: try TLSClientContext(identity: own, trustRoots: world.authority.roots),
                policy: PushPolicy(allowed: allowed.compactMap { IPNetwork($0) }), time: SystemTime(),
                pause: .milliseconds(100), directory: PeerDirectory { _ in PeerStanding(settings: settings) },
                signing: PushSigning(keys: { keys }, makeNonce: { UUID().uuidString }), journal: journal,
                metrics: listener.metrics, logger: silence)
            return Task { try await ServiceGroup(configuration: .init(services: [sender], logger: silence)).run() }
        }

        private static func register(
            _ ven: VENID, _ certificate: IssuedCertificate, at address: String, _ listener: TestListener, _ world: World
        ) async throws {
            try await listener.node.admit(
                ven, name: "Push", certificate: certificate.digest, pollFrequency: .seconds(10))
            let answer = try await post(
                .createPartyRegistration(
                    CreatePartyRegistration(requestID: "r", transport: .httpPush(address: address))),
                to: listener, world, as: certificate)
            #expect(answer.response?.code == .success)
        }

        private static func issue(_ event: EventID, to ven: VENID, _ listener: TestListener) async throws {
            let now = SystemTime().now()
            let terms = try #require(
                EventTerms(marketContext: "http://curtail.example/p", start: now + .hours(1), steps: [.hours(1)]))
            let level = try #require(ProgrammedSignal(.simpleLevel, values: [1]))
            try await listener.node.issue(
                event, terms: terms, participants: [ParticipantPlan(venID: ven, signals: [level])], now: now)
        }

        @Test(arguments: [true, false])
        func `rule 514: pushes to a VEN that signs are signed, its answers have to be, and all are in the payload log`(
            signs: Bool
        ) async throws {
            let world = try #require(World.current)
            let listener = try await TestListener.start(world, time: SystemTime())
            let certificate = try world.authority.pushVEN()
            let ven = try await Listener.start(world, as: certificate, signs: signs)
            let journal = SignatureTests.Stage.Journal()
            let id: VENID = signs ? "push-signed" : "push-unsigned"
            let sending = try Self.sender(
                world, listener, settings: WireSettings(signatures: .required),
                journal: { records in journal.records.withLock { $0 += records } })
            try await Self.register(id, certificate, at: "https://localhost:\(ven.port)/", listener, world)
            try await listener.node.requestReregistration(of: id, now: SystemTime().now())
            let outcome = signs ? "delivered" : "signature"
            func count() -> Double {
                listener.metrics.value(
                    "vtn_push_total", labels: ["message": "oadrRequestReregistration", "outcome": outcome])
            }
            #expect(try await eventually { count() >= 1 })
            #expect(ven.names.contains("oadrRequestReregistration"))
            let records = journal.records.withLock { $0 }.filter { $0.venID == id }
            let out = try #require(
                records.first { $0.direction == .sent && $0.message == "oadrRequestReregistration" })
            #expect(out.text.contains("ReplayProtect"))
            #expect(try out.certificate == certificate.digest)
            let back = try #require(records.first { $0.direction == .received && $0.status == 200 })
            #expect(back.text.contains("ReplayProtect") == signs && back.reason == (signs ? nil : "signature"))
            sending.cancel()
            _ = await sending.result
            await ven.stop()
            await listener.stop()
        }

        @Test func `rules 38 and 51: events, re-registration and cancellation reach a VEN that is pushed to`()
            async throws
        {
            let world = try #require(World.current)
            let listener = try await TestListener.start(world, time: SystemTime())
            let certificate = try world.authority.pushVEN()
            let ven = try await Listener.start(world, as: certificate)
            let sending = try Self.sender(world, listener)
            try await Self.register("push-1", certificate, at: "https://localhost:\(ven.port)/", listener, world)
            try await Self.issue("push-event", to: "push-1", listener)
            #expect(try await eventually { ven.names.contains("oadrDistributeEvent") })
            #expect(ven.names.first == "oadrDistributeEvent" || ven.names.first == "oadrRegisterReport")
            let sent = ven.received.withLock { $0 }.compactMap { payload -> DistributeEvent? in
                if case .distributeEvent(let message) = payload { message } else { nil }
            }
            let message = try #require(sent.first)
            #expect(message.response == nil && message.events.map(\.id) == ["push-event"])
            let created = CreatedEvent(
                eventResponses: [
                    EventResponse(
                        requestID: message.requestID, event: QualifiedEventID(eventID: "push-event"), optType: .optIn)
                ], venID: "push-1")
            #expect(
                try await post(.createdEvent(created), to: listener, world, as: certificate).response?.code == .success)
            let now = SystemTime().now()
            try await listener.node.cancelRegistration(of: "push-1", now: now)
            #expect(try await eventually { ven.names.last == "oadrCancelPartyRegistration" })
            #expect(
                try await eventually {
                    try await listener.node.pushesWaiting(now: now + .hours(1)).contains("push-1") == false
                })
            sending.cancel()
            _ = await sending.result
            await ven.stop()
            await listener.stop()
        }

        @Test func `an address that is not public, and a VEN that is another one, get nothing`() async throws {
            let world = try #require(World.current)
            let listener = try await TestListener.start(world, time: SystemTime())
            let (certificate, other) = (try world.authority.pushVEN(), try world.authority.pushVEN())
            let ven = try await Listener.start(world, as: other)
            try await Self.register("push-2", certificate, at: "https://localhost:\(ven.port)", listener, world)
            let careful = try Self.sender(world, listener, allowed: [])
            func count(_ outcome: String) -> Double {
                listener.metrics.value(
                    "vtn_push_total", labels: ["message": "oadrRegisterReport", "outcome": outcome])
            }
            #expect(try await eventually { count("address") >= 1 })
            careful.cancel()
            _ = await careful.result
            let sending = try Self.sender(world, listener)
            // The sender that was cancelled may have claimed the VEN: its claim has to end first.
            #expect(try await eventually(within: .seconds(150)) { count("connection") >= 1 })
            sending.cancel()
            _ = await sending.result
            #expect(ven.names.isEmpty)
            await ven.stop()
            await listener.stop()
        }

        @Test(.enabled(if: PythonPeer.isInstalled))
        func `openleadr's push VEN registers, is sent an event, and opts in`() async throws {
            let world = try #require(World.current)
            let listener = try await TestListener.start(world, time: SystemTime())
            let certificate = try world.authority.pushVEN()
            try await listener.node.admit(
                "push-python", name: "Python", certificate: certificate.digest, pollFrequency: .seconds(10))
            let peer = try PythonPeer(certificate, world, vtnPort: listener.port)
            let sending = try Self.sender(world, listener)
            #expect(
                try await eventually { peer.output.contains("REGISTERED oadrCreatedPartyRegistration push-python") })
            try await Self.issue("python-event", to: "push-python", listener)
            #expect(
                try await eventually {
                    peer.output.contains("PUSHED /OpenADR2/Simple/2.0b/EiEvent oadrDistributeEvent")
                })
            #expect(
                try await eventually {
                    try await listener.node.event("python-event").participations.first?.opt.type == .optIn
                })
            #expect(peer.output.contains("PUSHED /OpenADR2/Simple/2.0b/EiReport oadrRegisterReport"))
            peer.stop()
            sending.cancel()
            _ = await sending.result
            await listener.stop()
        }
    }
}

/// `push_ven.py` of the reference folder, run by a Python that has openleadr (CURTAIL_OPENLEADR_PYTHON).
private final class PythonPeer: Sendable {
    private static var python: String? { ProcessInfo.processInfo.environment["CURTAIL_OPENLEADR_PYTHON"] }
    private static var script: String? {
        ProcessInfo.processInfo.environment["CURTAIL_SHARED"].map { "\($0)/openadr/peer/push_ven.py" }
    }
    static var isInstalled: Bool { python != nil && script != nil }

    private let process: Process
    private let folder: TemporaryFolder
    private let log: String

    init(_ certificate: IssuedCertificate, _ world: World, vtnPort: Int) throws {
        guard let python = Self.python, let script = Self.script else { throw TestFailure("no Python") }
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: "\(folder.path)/certs", withIntermediateDirectories: true)
        try world.authority.authority.certificatePEM.write(
            toFile: "\(folder.path)/certs/ca.crt", atomically: true, encoding: .utf8)
        try certificate.chainPEM.write(toFile: "\(folder.path)/certs/ven.crt", atomically: true, encoding: .utf8)
        try certificate.privateKeyPEM.write(toFile: "\(folder.path)/certs/ven.key", atomically: true, encoding: .utf8)
        log = "\(folder.path)/log"
        try Data().write(to: URL(filePath: log))
        process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [script]
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.environment = [
            "TLS": "1", "VTN": "https://localhost:\(vtnPort)/OpenADR2/Simple/2.0b",
            "VENPORT": "\(28_000 + Int(ProcessInfo.processInfo.processIdentifier) % 2_000)", "SECS": "60",
        ]
        let output = FileHandle(forWritingAtPath: log)
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
