import Credentials
import Measures
import MutualTLS
import OpenADR
import OpenADRXML
import Synchronization
import Testing
import VirtualEndNode
import WebServer
import XMLSignatures

@testable import curtail

/// What a VEN's address for pushes lets in, over mutual TLS.
@Suite struct EndNodeResponderTests {
    private struct Broken: Error {}

    @Test func `rule 51: only the VTN may push, only messages, only to a VEN's services`() async throws {
        let vtn = try await TestVTN.start()
        let codec = try TestVTN.codec.get()
        let now = SystemTime().now()
        let own = try vtn.credentials.makeClient("ven-1", keyType: .p256, hostNames: ["localhost"], now: now)
        let stranger = try vtn.credentials.makeClient("ven-2", keyType: .p256, now: now)
        let fingerprints = try vtn.credentials.fingerprints()
        let taken = Mutex<[String]>([])
        let responder = EndNodeResponder(
            codec: codec, logger: TestVTN.silence,
            isVTN: { [fingerprints.rsa, fingerprints.ec].contains($0.openADRFingerprint) }
        ) { payload, _ in
            taken.withLock { $0.append(payload.elementName) }
            switch payload {
            case .distributeEvent: return nil
            case .registerReport(let message):
                return .registeredReport(RegisteredReport(response: EiResponse(requestID: message.requestID)))
            default: throw Broken()
            }
        }
        let roots = try vtn.credentials.trustRoots()
        let (port, running) = try await TestVTN.listen(
            responder, as: TLSIdentity(chainPEM: own.chainPEM, privateKeyPEM: own.privateKeyPEM), roots: roots)
        let client = HTTPSClient(host: "localhost", port: port, context: try vtn.credentials.clientContext())
        func post(_ body: [UInt8], _ service: String) async throws -> HTTPSAnswer {
            try await client.post(
                path: "/OpenADR2/Simple/2.0b/\(service)", body: body, contentType: "application/xml")
        }
        let events = codec.encode(.distributeEvent(DistributeEvent(requestID: "d", vtnID: "VTN_1")))
        let pushed = try await post(events, "EiEvent")
        #expect(pushed.status == 200 && pushed.body.isEmpty)
        let metadata = codec.encode(.registerReport(RegisterReport(requestID: "m", venID: "ven-1")))
        let answered = try await post(metadata, "EiReport")
        #expect(try codec.decode(answered.body).response?.requestID == "m")
        let failing = codec.encode(.requestReregistration(RequestReregistration(venID: "ven-1")))
        let later = try await post(failing, "EiRegisterParty")
        #expect(later.status == 503 && later.header("Retry-After") == "5")
        for (body, service, status) in [
            (events, "OadrPoll", 404), (events, "EiOpt", 404), (Array("<a/>".utf8), "EiEvent", 406),
            (Array("no xml".utf8), "EiEvent", 406), ([], "EiEvent", 406),
        ] {
            #expect(
                try await post(body, service).status == status, "\(service) \(String(decoding: body, as: UTF8.self))")
        }
        await client.close()
        let other = HTTPSClient(
            host: "localhost", port: port,
            context: try TLSClientContext(
                identity: TLSIdentity(chainPEM: stranger.chainPEM, privateKeyPEM: stranger.privateKeyPEM),
                trustRoots: roots))
        let refused = try await other.post(path: "/OpenADR2/Simple/2.0b/EiEvent", body: events)
        #expect(refused.status == 403)
        await other.close()
        #expect(
            taken.withLock { $0 } == ["oadrDistributeEvent", "oadrRegisterReport", "oadrRequestReregistration"])
        running.cancel()
        _ = await running.result
        await vtn.stop()
    }

    @Test func `rule 514: at the high security level what is not signed, or came before, is ignored`() async throws {
        let vtn = try await TestVTN.start()
        let codec = try TestVTN.codec.get()
        let own = try vtn.credentials.makeClient(
            "ven-1", keyType: .p256, hostNames: ["localhost"], now: SystemTime().now())
        let vtnTexts = try #require(try vtn.credentials.serverTexts().last)
        let vtnKey = try SigningKey(certificatePEM: vtnTexts.certificatePEM, privateKeyPEM: vtnTexts.privateKeyPEM)
        let fingerprint = try vtn.credentials.fingerprints().ec
        let signing = MessageSigning(
            key: try SigningKey(certificatePEM: own.certificatePEM, privateKeyPEM: own.privateKeyPEM),
            time: SystemTime(), makeNonce: { "nonce" }
        ) { (try? CertificateSummary(der: $0).openADRFingerprint.description) == fingerprint }
        let responder = EndNodeResponder(
            codec: codec, logger: TestVTN.silence, isVTN: { _ in true },
            security: EndNodeResponder.Security(check: { try signing.check($0) }, sign: { try signing.sign($0) })
        ) { payload, _ in
            .response(Response(response: EiResponse(requestID: payload.requestID ?? .empty)))
        }
        let (port, running) = try await TestVTN.listen(
            responder, as: TLSIdentity(chainPEM: own.chainPEM, privateKeyPEM: own.privateKeyPEM),
            roots: try vtn.credentials.trustRoots())
        let client = HTTPSClient(host: "localhost", port: port, context: try vtn.credentials.clientContext())
        let plain = codec.encode(.requestReregistration(RequestReregistration(venID: "ven-1")))
        let signed = try XMLSignature.sign(
            plain, with: vtnKey, stamp: ReplayStamp(timestamp: SystemTime().now(), nonce: "a"))
        let path = "/OpenADR2/Simple/2.0b/EiRegisterParty"
        #expect(try await client.post(path: path, body: plain).status == 403)
        let answer = try await client.post(path: path, body: signed)
        #expect(answer.status == 200)
        #expect(try XMLSignature.isPresent(in: answer.body))
        #expect(try await client.post(path: path, body: signed).status == 403)
        await client.close()
        running.cancel()
        _ = await running.result
        await vtn.stop()
    }
}
