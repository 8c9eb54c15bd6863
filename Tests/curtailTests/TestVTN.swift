import Credentials
import Foundation
import Logging
import Measures
import MessageAudit
import MutualTLS
import OpenADR
import OpenADRXML
import ServiceLifecycle
import Synchronization
import Testing
import VirtualEndNode
import VirtualTopNode
import WebServer

@testable import curtail

/// A VTN of hand-made answers on loopback, over real mutual TLS, with an authority and credentials of its own.
final class TestVTN: Sendable {
    typealias Answer = @Sendable (Payload) throws -> Payload

    static let codec = Result { try MessageAudit.codec { Issue.record("\($0)") } }
    static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/")
    }()
    static let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let folder: String
    let credentials: VTNCredentials
    let port: Int
    private let messages: Received
    private let running: Task<Void, any Error>

    private final class Received: Sendable {
        let all = Mutex<[Payload]>([])
    }

    private init(
        folder: String, credentials: VTNCredentials, port: Int, messages: Received, running: Task<Void, any Error>
    ) {
        self.folder = folder
        self.credentials = credentials
        self.port = port
        self.messages = messages
        self.running = running
    }

    /// - Parameter answer: what it says to each message; what it throws is a 503.
    static func start(answer: @escaping Answer = TestVTN.plain) async throws -> TestVTN {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vtn-\(UUID().uuidString)").path
        let credentials = try VTNCredentials(path: folder, now: SystemTime().now())
        let messages = Received()
        let responder = OpenADRResponder(
            codec: try codec.get(),
            surroundings: OpenADRResponder.Surroundings(
                time: SystemTime(), metrics: MetricsRegistry(), logger: silence, peer: OpenADRServer.peer)
        ) { message, _, _, _ in
            guard case .sound(let payload) = message else {
                return .response(Response(response: EiResponse(code: .complianceError)))
            }
            messages.all.withLock { $0.append(payload) }
            return try answer(payload)
        }
        let (port, running) = try await listen(try credentials.serverContext(profile: .openadr), responder)
        return TestVTN(folder: folder, credentials: credentials, port: port, messages: messages, running: running)
    }

    /// Serves a VEN's address for pushes with the VEN's certificate.
    static func listen(
        _ responder: EndNodeResponder, as identity: TLSIdentity, roots: TrustRoots
    ) async throws -> (port: Int, running: Task<Void, any Error>) {
        let tls = try TLSServerContext(identities: [identity], clients: .required(roots))
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let application = OpenADRServer.application(
            host: "127.0.0.1", port: 0, tls: tls, responder: responder, logger: silence,
            onRunning: { announce.yield($0 ?? 0) })
        let running = Task {
            try await ServiceGroup(configuration: .init(services: [application], logger: silence)).run()
        }
        for await port in ports { return (port, running) }
        throw CommandFailure("nobody listens", hint: "")
    }

    private static func listen(
        _ tls: TLSServerContext, _ responder: OpenADRResponder
    ) async throws -> (port: Int, running: Task<Void, any Error>) {
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let application = OpenADRServer.application(
            host: "127.0.0.1", port: 0, tls: tls, responder: responder, logger: silence,
            onRunning: { announce.yield($0 ?? 0) })
        let running = Task {
            try await ServiceGroup(configuration: .init(services: [application], logger: silence)).run()
        }
        for await port in ports { return (port, running) }
        throw CommandFailure("nobody listens", hint: "")
    }

    func stop() async {
        running.cancel()
        _ = await running.result
        try? FileManager.default.removeItem(atPath: folder)
    }

    var url: String { "https://localhost:\(port)" }
    var received: [String] { messages.all.withLock { $0.map(\.elementName) } }

    /// Registers whoever comes, and has nothing to say.
    static let plain: Answer = { payload in
        let ok = EiResponse(requestID: payload.requestID ?? .empty)
        switch payload {
        case .queryRegistration, .createPartyRegistration:
            let venID = payload.venID ?? "ven-1"
            return .createdPartyRegistration(
                CreatedPartyRegistration(
                    response: ok, registrationID: RegistrationID("reg-\(venID)"), venID: venID, vtnID: "VTN_1",
                    pollFrequency: .seconds(1)))
        case .registerReport: return .registeredReport(RegisteredReport(response: ok, venID: payload.venID))
        case .requestEvent:
            return .distributeEvent(DistributeEvent(response: ok, requestID: "d", vtnID: "VTN_1"))
        case .updateReport: return .updatedReport(UpdatedReport(response: ok, venID: payload.venID))
        default: return .response(Response(response: ok, venID: payload.venID))
        }
    }

    /// The settings of a VEN with a certificate of this VTN's authority, from a file as an installer has it.
    func settings(
        _ name: String = "ven-1", validFor validity: TimeSpan? = nil, _ more: [String: String] = [:]
    ) throws -> VENSettings {
        let now = SystemTime().now()
        var random = SystemRandomNumberGenerator()
        let issued = try credentials.authority.issue(
            CertificateRequest(
                profile: .ven(commonName: name), keyType: .p256, serial: SerialNumber(using: &random),
                notBefore: now - .days(10), notAfter: now + (validity ?? .days(300))))
        let files = [
            ("ven.crt", issued.chainPEM), ("ven.key", issued.privateKeyPEM),
            ("authority.crt", credentials.authority.certificatePEM),
        ]
        for (file, text) in files {
            try text.write(toFile: "\(folder)/\(file)", atomically: true, encoding: .utf8)
        }
        var lines = ["venID": name, "vtn.url": url, "authority": "authority.crt"]
        lines.merge(more) { _, new in new }
        let settings = try LayeredSettings(
            keys: VENSettings.keys, text: "venName: Test", name: "ven.yaml", environment: [:],
            prefix: VENSettings.prefix, flags: lines.map { (path: $0.key, flag: "--set \($0.key)", text: $0.value) })
        return try VENSettings(settings, folder: folder)
    }
}

/// Whether something comes true in time.
func eventually(
    within limit: Duration = .seconds(90), _ condition: @Sendable () async throws -> Bool
) async throws -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return false
}
