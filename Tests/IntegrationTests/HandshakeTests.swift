import Credentials
import Measures
import MutualTLS
import OpenADR
import Testing
import VirtualTopNode
import WebServer

extension IntegrationTests {
    /// Who gets through to the VTN's messages, and who does not get past the handshake.
    @Suite struct HandshakeTests {
        enum Stranger: String, CaseIterable, Sendable {
            case none, foreign, expired, early

            func certificate(_ authority: TestAuthority) throws -> IssuedCertificate? {
                switch self {
                case .none: nil
                case .foreign: try authority.ven("foreign", by: authority.foreign)
                case .expired: try authority.ven("expired", from: -10, to: -1)
                case .early: try authority.ven("early", from: 1, to: 10)
                }
            }

            var reason: TLSFailure.Reason {
                switch self {
                case .none: .noPeerCertificate
                case .foreign: .peerCertificateRefused
                case .expired, .early: .peerCertificateExpired
                }
            }
        }

        @Test(arguments: Stranger.allCases)
        func `a client without a good certificate does not get past the handshake`(stranger: Stranger) async throws {
            let world = try #require(World.current)
            let listener = try await TestListener.start(world, time: SystemTime())
            let certificate = try stranger.certificate(world.authority)
            await #expect(throws: HTTPSFailure.self) {
                _ = try await post(.poll(Poll(venID: "VEN-1")), to: listener, world, as: certificate)
            }
            #expect(try await eventually { !listener.refusals.isEmpty })
            #expect(Set(listener.refusals) == [stranger.reason])
            #expect(listener.admitted.isEmpty)
            #expect(!listener.metrics.exposition().contains("oadr_messages_total"))
            #expect(!listener.metrics.exposition().contains("vtn_reject_total"))
            await listener.stop()
        }

        @Test func `a certificate that nobody admitted gets 463, and so does one that is not registered`() async throws
        {
            let world = try #require(World.current)
            let listener = try await TestListener.start(world, time: SystemTime())
            let (stranger, known) = (try world.authority.ven("stranger"), try world.authority.ven("known", .rsa2048))
            try await listener.node.admit(
                "handshake-known", name: "known", certificate: known.digest, pollFrequency: .seconds(10))
            let messages: [Payload] = [
                .poll(Poll(venID: "handshake-known")),
                .requestEvent(RequestEvent(requestID: "q", venID: "handshake-known")),
                .createPartyRegistration(CreatePartyRegistration(requestID: "r", venID: "handshake-known")),
            ]
            for message in messages {
                let answer = try await post(message, to: listener, world, as: stranger)
                #expect(answer.response?.code == .notRegistered, "\(message.elementName)")
            }
            let poll = try await post(messages[0], to: listener, world, as: known)
            #expect(poll.response?.code == .notRegistered)
            let registered = try await post(messages[2], to: listener, world, as: known)
            guard case .createdPartyRegistration(let created) = registered else {
                throw TestFailure("\(registered)")
            }
            #expect(created.response.code == .success && created.venID == "handshake-known")
            #expect(listener.admitted == ["stranger", "stranger", "stranger", "known", "known"])
            await listener.stop()
        }
    }
}
