import Credentials
import Foundation
import Measures
import MutualTLS
import OpenADR
import Persistence
import ServiceLifecycle
import Synchronization
import Testing
import VirtualEndNode
import VirtualTopNode
import WebServer
import XMLSignatures

extension IntegrationTests.PushTests {
    private static func signing(_ own: IssuedCertificate, trusts other: IssuedCertificate) throws -> MessageSigning {
        let trusted = try CertificateSummary(pem: other.certificatePEM).openADRFingerprint
        return MessageSigning(
            key: try SigningKey(own), time: SystemTime(), makeNonce: { UUID().uuidString }
        ) { der in (try? CertificateSummary(der: der).openADRFingerprint) == trusted }
    }

    @Test func `rule 514: a VEN that signs is pushed signed messages, and only its signed answers count`() async throws
    {
        let world = try #require(World.current)
        let listener = try await TestListener.start(world, time: SystemTime())
        let store = WireSettingsStore(world.pool)
        let keys = try world.authority.servers.map { try SigningKey($0) }
        let security = PushSecurity(
            keys: { keys }, directory: PeerDirectory(lifetime: .zero) { try await store.standing(of: $0) },
            makeNonce: { UUID().uuidString })
        let certificate = try world.authority.pushVEN()
        let signing = try Self.signing(certificate, trusts: world.authority.servers[1])
        let taken = Mutex<[String]>([])
        let signs = Mutex(false)
        let responder = EndNodeResponder(
            codec: world.codec, logger: silence, isVTN: { _ in true },
            security: EndNodeResponder.Security(
                check: { try signing.check($0) },
                sign: { message in
                    let isSigning = signs.withLock { $0 }
                    return try isSigning ? signing.sign(message) : message
                })
        ) { payload, _ in
            taken.withLock { $0.append(payload.elementName) }
            guard case .registerReport(let message) = payload else { return nil }
            return .registeredReport(RegisteredReport(response: EiResponse(requestID: message.requestID)))
        }
        let tls = try TLSServerContext(
            identities: [try TLSIdentity(certificate)], clients: .required(world.authority.roots))
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let application = OpenADRServer.application(
            host: "127.0.0.1", port: 0, tls: tls, responder: responder, logger: silence,
            onRunning: { announce.yield($0 ?? 0) })
        let running = Task {
            try await ServiceGroup(configuration: .init(services: [application], logger: silence)).run()
        }
        var port = 0
        for await found in ports {
            port = found
            break
        }
        try await Self.register("push-signed", certificate, at: "https://localhost:\(port)/", listener, world)
        try await store.save(WireSettings(signatures: .required), of: "push-signed")
        let sending = try Self.sender(world, listener, security: security)
        func count(_ message: String, _ outcome: String) -> Double {
            listener.metrics.value("vtn_push_total", labels: ["message": message, "outcome": outcome])
        }
        // The message is signed, and the VEN took it; its answer is not.
        #expect(try await eventually { count("oadrRegisterReport", "signature") >= 1 })
        #expect(taken.withLock { $0.first } == "oadrRegisterReport")
        signs.withLock { $0 = true }
        #expect(try await eventually { count("oadrRegisterReport", "delivered") >= 1 })
        try await Self.issue("push-signed-event", to: "push-signed", listener)
        #expect(try await eventually { taken.withLock { $0.contains("oadrDistributeEvent") } })
        sending.cancel()
        _ = await sending.result
        running.cancel()
        _ = await running.result
        await listener.stop()
    }
}
