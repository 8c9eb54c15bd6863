import Credentials
import Measures
import NIOCore
import NIOEmbedded
import Testing

@testable import MutualTLS

@Suite struct TLSHandlerTests {
    private let pki = TestAuthority.shared
    private static let prescribedEC = "ECDHE-ECDSA-AES128-SHA256"
    private static let prescribedRSA = "AES128-SHA256"
    private static let gcm = "ECDHE-RSA-AES128-GCM-SHA256"

    /// What comes of a handshake between the two, with one byte sent by the client at once.
    private func shakeHands(
        _ client: TLSClientContext, _ server: TLSServerContext, verification: ServerVerification = .name("localhost"),
        sessions: TLSSessionSlot? = nil
    ) throws -> (client: EventRecorder, server: EventRecorder) {
        let pair = try TLSPair(client: client, server: server, verification: verification, sessions: sessions)
        pair.client.writeAndFlush(ByteBuffer(bytes: [42]), promise: nil)
        try pair.exchange()
        pair.finish()
        #expect(pair.serverEvents.bytesBeforeHandshake == 0 && pair.clientEvents.bytesBeforeHandshake == 0)
        return (pair.clientEvents, pair.serverEvents)
    }

    @Test(arguments: [TLSProfile.openadr, .strict], [prescribedEC, prescribedRSA])
    func `rule 67: both prescribed suites are served on one port`(profile: TLSProfile, suite: String) throws {
        let (client, server) = try shakeHands(pki.client(suites: suite), pki.server(profile))
        #expect(server.handshake?.cipher == suite)
        #expect(server.handshake?.version == "TLSv1.2")
        #expect(server.received == [42])
        let expected = suite == Self.prescribedEC ? pki.serverEC : pki.serverRSA
        #expect(client.handshake?.peer?.sha256 == expected.derSHA256)
    }

    @Test(arguments: [prescribedEC, prescribedRSA])
    func `A prescribed suite wins over the client's preference for AEAD`(suite: String) throws {
        let client = try pki.client(suites: "\(Self.gcm):ECDHE-ECDSA-AES256-GCM-SHA384:\(suite)")
        let (_, server) = try shakeHands(client, pki.server(.openadr))
        #expect(server.handshake?.cipher == suite)
    }

    @Test func `AEAD is for a client that offers neither prescribed suite`() throws {
        let (_, server) = try shakeHands(pki.client(suites: Self.gcm), pki.server(.openadr))
        #expect(server.handshake?.cipher == Self.gcm)
    }

    @Test func `The strict profile refuses a client that offers AEAD only`() throws {
        let (client, server) = try shakeHands(pki.client(suites: Self.gcm), pki.server(.strict))
        #expect(server.failure?.reason == .nothingInCommon)
        #expect(client.failure?.reason == .alertReceived)
    }

    @Test func `The modern profile speaks TLS 1.3, and 1.2 with AEAD`() throws {
        let (_, newest) = try shakeHands(pki.client(.modern), pki.server(.modern))
        #expect(newest.handshake?.version == "TLSv1.3")
        #expect(newest.handshake?.cipher == "TLS_AES_256_GCM_SHA384")
        let (_, older) = try shakeHands(pki.client(.openadr), pki.server(.modern))
        #expect(older.handshake?.version == "TLSv1.2")
        #expect(older.handshake?.cipher == "ECDHE-ECDSA-AES128-GCM-SHA256")
        let (_, strict) = try shakeHands(pki.client(.strict), pki.server(.modern))
        #expect(strict.failure?.reason == .nothingInCommon)
    }

    @Test(arguments: TLSProfile.allCases)
    func `A client without certificate is refused`(profile: TLSProfile) throws {
        let (client, server) = try shakeHands(pki.client(profile, as: nil), pki.server(profile))
        #expect(server.failure?.reason == .noPeerCertificate)
        #expect(client.failure?.reason == .alertReceived)
        #expect(server.received.isEmpty && server.handshake == nil)
    }

    @Test func `A client of a foreign authority is refused, although that has the same name`() throws {
        let (_, server) = try shakeHands(pki.client(as: TestAuthority.foreign.ven), pki.server())
        #expect(server.failure?.reason == .peerCertificateRefused)
        #expect(server.received.isEmpty)
    }

    @Test func `rule 516: expired and not yet valid certificates are refused`() throws {
        for (from, to) in [(-TimeSpan.days(30), -TimeSpan.days(1)), (.days(1), .days(30))] {
            let ven = try pki.issue(.ven(commonName: "late"), .p256, from: from, to: to)
            let (_, server) = try shakeHands(pki.client(as: ven), pki.server())
            #expect(server.failure?.reason == .peerCertificateExpired)
        }
    }

    @Test func `A VEN may have an RSA certificate`() throws {
        let ven = try pki.issue(.ven(commonName: "rsa"), .rsa2048, from: -.days(1), to: .days(30))
        let (_, server) = try shakeHands(pki.client(as: ven), pki.server())
        #expect(server.handshake?.peer?.sha256 == ven.derSHA256)
    }

    @Test func `An authority's own certificate is no client's`() throws {
        let authority = try TLSIdentity(
            chainPEM: pki.authority.certificatePEM, privateKeyPEM: pki.authority.privateKeyPEM)
        let pretender = try TLSClientContext(
            profile: .openadr, suites: nil, identity: authority, trustRoots: pki.roots)
        #expect(try shakeHands(pretender, pki.server()).server.failure?.reason == .peerCertificateRefused)
    }

    @Test func `A chain beyond the limit is refused`() throws {
        let padding = String(repeating: pki.serverRSA.certificatePEM, count: 12)
        let identity = try TLSIdentity(
            chainPEM: pki.ven.certificatePEM + padding, privateKeyPEM: pki.ven.privateKeyPEM)
        let client = try TLSClientContext(identity: identity, trustRoots: pki.roots)
        let (_, server) = try shakeHands(client, pki.server())
        #expect(server.failure?.reason == .protocolViolation && server.received.isEmpty)
    }

    @Test func `A client refuses a server with a VEN's certificate`() throws {
        let server = try TLSServerContext(identities: [TLSIdentity(pki.ven)], clients: .required(pki.roots))
        let (client, _) = try shakeHands(
            pki.client(), server, verification: .fingerprint("\(pki.ven.openADRFingerprint)"))
        #expect(client.failure?.reason == .peerCertificateRefused)
        #expect(client.failure?.detail.contains("purpose") == true)
    }

    @Test func `A client refuses a foreign server and a wrong name`() throws {
        let (foreign, _) = try shakeHands(pki.client(), TestAuthority.foreign.server())
        #expect(foreign.failure?.reason == .peerCertificateRefused)
        let (misnamed, _) = try shakeHands(pki.client(), pki.server(), verification: .name("example.org"))
        #expect(misnamed.failure?.reason == .peerCertificateRefused)
        let (address, _) = try shakeHands(pki.client(), pki.server(), verification: .name("127.0.0.1"))
        #expect(address.failure == nil && address.handshake != nil)
    }

    @Test func `A client can pin the server's fingerprint, however it is written`() throws {
        let right = "\(pki.serverEC.openADRFingerprint)"
        for text in [right, right.lowercased().replacing(":", with: "")] {
            let (client, _) = try shakeHands(pki.client(), pki.server(), verification: .fingerprint(text))
            #expect(client.handshake != nil && client.failure == nil)
        }
        let wrong = "\(pki.serverRSA.openADRFingerprint)"
        let (client, server) = try shakeHands(pki.client(), pki.server(), verification: .fingerprint(wrong))
        #expect(client.failure?.reason == .fingerprintMismatch)
        #expect(server.received.isEmpty)
    }

    @Test(arguments: [TLSProfile.openadr, .strict, .modern])
    func `A session is resumed, and the peer is still known`(profile: TLSProfile) throws {
        let slot = TLSSessionSlot()
        let (client, server) = (try pki.client(profile), try pki.server(profile))
        let first = try shakeHands(client, server, sessions: slot)
        #expect(first.server.handshake?.resumed == false)
        let second = try shakeHands(client, server, sessions: slot)
        #expect(second.server.handshake?.resumed == true && second.client.handshake?.resumed == true)
        #expect(second.server.handshake?.peer?.sha256 == pki.ven.derSHA256)
        #expect(second.client.handshake?.peer?.sha256 == first.client.handshake?.peer?.sha256)
        slot.forget()
        #expect(try shakeHands(client, server, sessions: slot).server.handshake?.resumed == false)
    }

    @Test func `The oldest session goes when there are too many`() throws {
        let server = try TLSServerContext(
            identities: [TLSIdentity(pki.serverEC)], clients: .required(pki.roots), sessions: .init(limit: 3))
        let client = try pki.client()
        let slots = (0..<4).map { _ in TLSSessionSlot() }
        for slot in slots { _ = try shakeHands(client, server, sessions: slot) }
        let resumed = try slots.reversed().map { slot in
            try shakeHands(client, server, sessions: slot).server.handshake?.resumed
        }
        #expect(resumed.first == true && resumed.last == false)
    }

    @Test func `A certificate that expires is not carried on by resumed sessions`() {
        let peer = PeerCertificate(der: [], sha256: Array(0..<32), commonName: nil, notAfter: 1_000)
        func objection(resumed: Bool, now: Int64) -> TLSFailure.Reason? {
            TLSHandshakeCompleted(peer: peer, cipher: "", version: "", resumed: resumed)
                .objection(fingerprints: nil, now: now)?.reason
        }
        #expect(objection(resumed: true, now: 1_000) == nil)
        #expect(objection(resumed: true, now: 1_001) == .peerCertificateExpired)
        #expect(objection(resumed: false, now: 1_001) == nil)
        #expect(peer.openADRFingerprint == "16:17:18:19:1A:1B:1C:1D:1E:1F")
    }

    @Test func `After a reload new connections see the new certificate and no session is resumed`() throws {
        let slot = TLSSessionSlot()
        let (client, server) = (try pki.client(), try pki.server())
        let first = try shakeHands(client, server, sessions: slot)
        #expect(first.client.handshake?.peer?.sha256 == pki.serverEC.derSHA256)
        let renewed = try pki.issue(.vtn(hostNames: ["localhost"]), .p256, from: -.days(1), to: .days(90))
        try server.reload(identities: [TLSIdentity(renewed)], clients: .required(pki.roots))
        let second = try shakeHands(client, server, sessions: slot)
        #expect(second.client.handshake?.peer?.sha256 == renewed.derSHA256)
        #expect(second.server.handshake?.resumed == false)
        #expect(throws: TLSConfigurationError.self) {
            try server.reload(identities: [], clients: .required(pki.roots))
        }
        #expect(try shakeHands(client, server).client.handshake?.peer?.sha256 == renewed.derSHA256)
    }

    @Test func `Large bodies arrive whole, however the bytes are cut`() throws {
        var random = SplitMix(state: 7)
        let question = (0..<1_048_576).map { _ in UInt8.random(in: 0...255, using: &random) }
        let answer = Array(question.reversed())
        for profile in TLSProfile.allCases {
            let pair = try TLSPair(client: pki.client(profile), server: pki.server(profile))
            let sent = pair.client.eventLoop.makePromise(of: Void.self)
            pair.client.write(ByteBuffer(bytes: question.prefix(10)), promise: nil)
            pair.client.writeAndFlush(ByteBuffer(bytes: question.dropFirst(10)), promise: sent)
            try pair.exchange { Int.random(in: 1...3_000, using: &random) }
            try sent.futureResult.wait()
            #expect(pair.serverEvents.received == question)
            pair.server.writeAndFlush(ByteBuffer(bytes: answer), promise: nil)
            try pair.exchange { Int.random(in: 1...30_000, using: &random) }
            #expect(pair.clientEvents.received == answer)
            pair.finish()
        }
    }

    @Test func `A handshake survives being cut into single bytes`() throws {
        let pair = try TLSPair(client: pki.client(), server: pki.server())
        try pair.exchange { 1 }
        #expect(pair.serverEvents.handshake != nil && pair.clientEvents.handshake != nil)
        pair.finish()
    }

    @Test func `Bytes that are not TLS give an error and a closed channel`() throws {
        var random = SplitMix(state: 11)
        var inputs: [[UInt8]] = [Array("GET / HTTP/1.1\r\n\r\n".utf8), [22, 3, 1, 0, 5, 1, 0, 0, 1, 0]]
        for length in [5, 600, 20_000] { inputs.append((0..<length).map { _ in .random(in: 0...255, using: &random) }) }
        for input in inputs {
            let channel = EmbeddedChannel()
            let events = EventRecorder()
            try channel.pipeline.syncOperations.addHandlers([pki.server().makeHandler(), events])
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            channel.pipeline.fireChannelRead(ByteBuffer(bytes: input))
            channel.embeddedEventLoop.run()
            #expect(events.failure?.reason == .protocolViolation || events.failure?.reason == .nothingInCommon)
            #expect(!channel.isActive && events.received.isEmpty)
        }
    }

    @Test func `A silent client is cut off`() throws {
        let channel = EmbeddedChannel()
        let events = EventRecorder()
        let handler = try pki.server().makeHandler(configuration: .init(handshakeTimeout: .seconds(5)))
        try channel.pipeline.syncOperations.addHandlers([handler, events])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(4_999))
        #expect(channel.isActive && events.failure == nil)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive && events.failure?.reason == .handshakeTimeout)
    }

    @Test func `Closing says so to the other side, which closes too`() throws {
        let pair = try TLSPair(client: pki.client(), server: pki.server())
        try pair.exchange()
        #expect(peerCertificate(of: pair.server)?.commonName == "ven-1")
        pair.client.close(promise: nil)
        try pair.exchange()
        #expect(!pair.server.isActive && pair.serverEvents.failure == nil)
        #expect(peerCertificate(of: pair.server) == nil)
        pair.finish()
    }

    @Test func `Where half-closure is allowed the server may still answer`() throws {
        let pair = try TLSPair(client: pki.client(), server: pki.server())
        pair.server.allowRemoteHalfClosure = true
        try pair.exchange()
        // This channel has no half-closure of its own: the client is gone, its close_notify is on the way.
        pair.client.close(mode: .output, promise: nil)
        try pair.exchange()
        #expect(pair.serverEvents.inputClosed && pair.server.isActive && pair.serverEvents.failure == nil)
        pair.server.writeAndFlush(ByteBuffer(string: "answer"), promise: nil)
        #expect(try pair.server.readOutbound(as: ByteBuffer.self) != nil)
        pair.finish()
    }

    @Test func `A client hears of a connection that was cut off, a server does not mind`() throws {
        let pair = try TLSPair(client: pki.client(), server: pki.server())
        try pair.exchange()
        pair.client.pipeline.fireChannelInactive()
        pair.server.pipeline.fireChannelInactive()
        #expect(pair.clientEvents.failure?.reason == .truncated)
        #expect(pair.serverEvents.failure == nil)
        #expect(peerCertificate(of: pair.server) == nil)
        pair.finish()
    }

    @Test func `A connection that ends within the handshake fails the writes that waited for it`() throws {
        let pair = try TLSPair(client: pki.client(), server: pki.server())
        let sent = pair.client.eventLoop.makePromise(of: Void.self)
        pair.client.writeAndFlush(ByteBuffer(string: "too early"), promise: sent)
        pair.client.pipeline.fireChannelInactive()
        #expect(throws: ChannelError.self) { try sent.futureResult.wait() }
        #expect(pair.clientEvents.failure?.reason == .closedInHandshake)
        pair.finish()
    }
}

/// A small seeded generator.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
