import Credentials
import Foundation
import Measures
import MutualTLS
import OpenADR
import OpenADRXML
import Persistence
import Synchronization
import Testing
import VirtualEndNode
import VirtualTopNode
import WebServer
import XMLSignatures

extension IntegrationTests {
    /// Rule 514 end to end: signed messages over mutual TLS, nonces in MariaDB.
    @Suite struct SignatureTests {
        /// One admitted VEN that speaks to a listener with the whole door in front of it.
        struct Stage {
            let world: World
            let listener: TestListener
            let ven: VENID
            let identity: IssuedCertificate
            let client: HTTPSClient
            let journal: Journal

            final class Journal: Sendable {
                let records = Mutex<[WireRecord]>([])
            }

            init(_ name: String, _ kind: KeyType, settings: WireSettings = WireSettings()) async throws {
                world = try #require(World.current)
                let pool = world.pool
                let store = WireSettingsStore(pool)
                let keys = try world.authority.servers.map { try SigningKey($0) }
                let journal = Journal()
                self.journal = journal
                let wire = TestListener.Wire(
                    directory: PeerDirectory(lifetime: .zero) { store.findStanding(of: $0, then: $1) },
                    security: MessageSecurity(
                        keys: { keys }, nonces: MariaDBNonceBook(pool), certificate: OpenADRServer.certificate(of:),
                        makeNonce: { UUID().uuidString }),
                    journal: { records in journal.records.withLock { $0 += records } })
                listener = try await TestListener.start(world, time: SystemTime(), wire: wire)
                ven = VENID(name)
                identity = try world.authority.ven(name, kind)
                try await listener.node.admit(
                    ven, name: name, certificate: identity.digest, pollFrequency: .seconds(10))
                try await store.save(settings, of: ven)
                client = HTTPSClient(
                    host: "127.0.0.1", port: listener.port, context: try world.authority.client(identity))
            }

            func signed(
                _ payload: Payload, by signer: IssuedCertificate? = nil, at now: Instant = SystemTime().now(),
                nonce: String = UUID().uuidString
            ) throws -> [UInt8] {
                try XMLSignature.sign(
                    world.codec.encode(payload), with: SigningKey(signer ?? identity),
                    stamp: ReplayStamp(timestamp: now, nonce: nonce))
            }

            func send(_ body: [UInt8], to service: ServiceName = .eiRegisterParty) async throws -> HTTPSAnswer {
                try await client.post(path: service.path, body: body)
            }

            func refusals(_ reason: String) -> Double {
                listener.metrics.value("vtn_reject_total", labels: ["reason": reason])
            }

            func stop() async {
                await client.close()
                await listener.stop()
            }
        }

        private static let query = Payload.queryRegistration(QueryRegistration(requestID: "q-1"))

        @Test(arguments: KeyType.allCases)
        func `rule 514: a signed request is answered signed, with a key of the same kind`(kind: KeyType) async throws {
            let stage = try await Stage("signed-\(kind)", kind)
            let answer = try await stage.send(stage.signed(Self.query))
            #expect(answer.status == 200)
            let servers = stage.world.authority.servers.map(\.derSHA256)
            let proof = try XMLSignature.verify(answer.body) { der in
                (try? CertificateSummary(der: der)).map { servers.contains($0.derSHA256) } ?? false
            }
            #expect(proof.algorithm == (kind == .rsa2048 ? .rsaSHA256 : .ecdsaSHA256))
            #expect(abs((proof.stamp.timestamp - SystemTime().now()).seconds) < 60)
            #expect(try stage.world.codec.decode(answer.body).response?.code == .success)
            let plain = try await stage.send(stage.world.codec.encode(Self.query))
            #expect(try !XMLSignature.isPresent(in: plain.body))
            await stage.stop()
        }

        @Test func `rule 514: a repeated message gets the answer again, a used nonce is a replay`() async throws {
            let stage = try await Stage("replay", .p256)
            let message = try stage.signed(
                .createPartyRegistration(CreatePartyRegistration(requestID: "", venID: "replay")), nonce: "n-1")
            let first = try await stage.send(message)
            #expect(first.status == 200)
            let registration = try stage.world.codec.decode(first.body)
            let again = try await stage.send(message)
            #expect(again.body == first.body, "not even a new registration")
            #expect(try stage.world.codec.decode(again.body) == registration)
            let other = try await stage.send(stage.signed(Self.query, nonce: "n-1"))
            #expect(other.status == 403 && other.body.isEmpty && stage.refusals("replay") == 1)
            // Another VEN may use the same nonce.
            let neighbour = try await Stage("replay-2", .p256)
            #expect(try await neighbour.send(neighbour.signed(Self.query, nonce: "n-1")).status == 200)
            await neighbour.stop()
            await stage.stop()
        }

        @Test func `rule 514: what is stale, early, another's or unsigned is ignored, and changes nothing`()
            async throws
        {
            let stage = try await Stage("strict", .rsa2048, settings: WireSettings(signatures: .required))
            let now = SystemTime().now()
            let register = Payload.createPartyRegistration(CreatePartyRegistration(requestID: "r"))
            let stranger = try stage.world.authority.ven("stranger")
            let cases: [(String, [UInt8])] = [
                ("skew", try stage.signed(register, at: now - .seconds(330))),
                ("skew", try stage.signed(register, at: now + .seconds(330))),
                ("sig_cert", try stage.signed(register, by: stranger)),
                ("sig_missing", stage.world.codec.encode(register)),
                (
                    "sig_invalid",
                    Array(
                        String(decoding: try stage.signed(register), as: UTF8.self)
                            .replacingOccurrences(of: ">r<", with: ">s<").utf8)
                ),
            ]
            for (reason, message) in cases {
                let before = stage.refusals(reason)
                let answer = try await stage.send(message)
                #expect(answer.status == 403 && answer.body.isEmpty, "\(reason)")
                #expect(stage.refusals(reason) == before + 1, "\(reason)")
            }
            let record = try await MariaDBTopNodeStore(stage.world.pool).transaction { try await $0.ven("strict") }
            #expect(record?.registration == .provisioned)
            let reasons = stage.journal.records.withLock { $0.filter { $0.direction == .sent }.map(\.reason) }
            #expect(reasons == cases.map(\.0))
            #expect(try await stage.send(stage.signed(register)).status == 200)
            await stage.stop()
        }

        @Test func `rule 514: a VEN that registers with oadrXmlSignature has to sign from then on`() async throws {
            let stage = try await Stage("bound", .p256)
            let register = Payload.createPartyRegistration(
                CreatePartyRegistration(requestID: "r", usesXMLSignature: true))
            #expect(try await stage.send(stage.signed(register)).status == 200)
            let poll = Payload.poll(Poll(venID: "bound"))
            #expect(try await stage.send(stage.world.codec.encode(poll), to: .oadrPoll).status == 403)
            #expect(try await stage.send(stage.signed(poll), to: .oadrPoll).status == 200)
            await stage.stop()
        }

        @Test func `rule 514: our VEN signs, and takes nothing from a VTN that does not`() async throws {
            let stage = try await Stage("both", .p256, settings: WireSettings(signatures: .required))
            let servers = stage.world.authority.servers.map(\.derSHA256)
            func transport(_ trusted: [[UInt8]]) throws -> HTTPSTransport {
                HTTPSTransport(
                    client: stage.client, codec: stage.world.codec,
                    signing: MessageSigning(
                        key: try SigningKey(stage.identity), time: SystemTime(), makeNonce: { UUID().uuidString }
                    ) { der in (try? CertificateSummary(der: der)).map { trusted.contains($0.derSHA256) } ?? false })
            }
            let good = try await transport(servers).exchange(Self.query, with: .eiRegisterParty)
            #expect(good.response?.code == .success)
            await #expect(throws: TransportFailure.self) {
                _ = try await transport([]).exchange(Self.query, with: .eiRegisterParty)
            }
            await stage.stop()
            let lax = try await Stage("lax", .p256)
            // A listener without keys answers unsigned.
            let unsigned = try await TestListener.start(lax.world, time: SystemTime())
            let client = HTTPSClient(
                host: "127.0.0.1", port: unsigned.port, context: try lax.world.authority.client(lax.identity))
            let ven = HTTPSTransport(
                client: client, codec: lax.world.codec,
                signing: MessageSigning(
                    key: try SigningKey(lax.identity), time: SystemTime(), makeNonce: { UUID().uuidString }
                ) { _ in true })
            await #expect(throws: TransportFailure.self) {
                _ = try await ven.exchange(Self.query, with: .eiRegisterParty)
            }
            await client.close()
            await unsigned.stop()
            await lax.stop()
        }
    }
}

extension SigningKey {
    convenience init(_ issued: IssuedCertificate) throws {
        try self.init(certificatePEM: issued.certificatePEM, privateKeyPEM: issued.privateKeyPEM)
    }
}
