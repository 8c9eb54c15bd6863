import Measures
import NIOCore
import NIOEmbedded
import OpenADR
import Synchronization
import Testing
import VirtualTopNode

@testable import WebServer

@Suite struct PeerRatesTests {
    private static let start = ContinuousClock.now

    private static func peer(_ number: UInt8) throws -> PeerIdentity {
        PeerIdentity(certificate: try #require(CertificateDigest(bytes: [UInt8](repeating: number, count: 32))))
    }

    /// Seconds to wait, rounded up; nil when admitted.
    private func wait(
        _ rates: PeerRates, _ peer: UInt8 = 1, _ service: ServiceName = .oadrPoll, at seconds: Double
    ) throws -> Double? {
        rates.admit(
            try Self.peer(peer), to: service, pollFrequency: .seconds(40), now: Self.start + .seconds(seconds)
        ).map { Double($0.components.seconds) + Double($0.components.attoseconds) / 1e18 }
    }

    @Test func `a burst of polls, then one per quarter of the interval`() throws {
        let rates = PeerRates()
        for _ in 0..<PeerRates.pollBurst { #expect(try wait(rates, at: 0) == nil) }
        #expect(try abs((wait(rates, at: 0) ?? 0) - 10) < 0.01)
        #expect(try abs((wait(rates, at: 4) ?? 0) - 6) < 0.01)
        #expect(try wait(rates, at: 10.1) == nil && wait(rates, at: 10.1) != nil)
        #expect(try wait(rates, 2, at: 10.1) == nil, "another VEN is not concerned")
        #expect(try wait(rates, 1, .eiReport, at: 10.1) == nil, "nor is what is no poll")
        for _ in 0..<PeerRates.pollBurst { #expect(try wait(rates, at: 1_000) == nil) }
        #expect(try wait(rates, at: 1_000) != nil, "no more than a burst is saved up")
    }

    @Test func `rule 500: a poll that brought something costs nothing`() throws {
        let rates = PeerRates()
        for _ in 0..<100 {
            #expect(try wait(rates, at: 0) == nil)
            rates.giveBackPoll(of: try Self.peer(1))
        }
        for _ in 0..<PeerRates.pollBurst { #expect(try wait(rates, at: 0) == nil) }
        #expect(try wait(rates, at: 0) != nil)
    }

    @Test func `other messages have a wide bucket of their own`() throws {
        let rates = PeerRates()
        for _ in 0..<PeerRates.otherBurst { #expect(try wait(rates, 1, .eiEvent, at: 0) == nil) }
        #expect(try wait(rates, 1, .eiEvent, at: 0) != nil && wait(rates, 1, .eiEvent, at: 0.11) == nil)
    }
}

@Suite struct LoadGateTests {
    private static let names = [
        "oadrRegisterReport", "oadrUpdateReport", "oadrPoll", "oadrCreatedEvent", "oadrCreateOpt", "oadrCancelOpt",
        "oadrCancelReport", "oadrCancelPartyRegistration", "oadrCreatePartyRegistration",
    ]

    @Test(
        arguments: [
            (79, LoadGate.State.normal, []), (80, .high, ["oadrRegisterReport"]),
            (90, .critical, ["oadrRegisterReport", "oadrUpdateReport"]),
            (98, .full, ["oadrRegisterReport", "oadrUpdateReport", "oadrPoll"]),
            (150, .full, ["oadrRegisterReport", "oadrUpdateReport", "oadrPoll"]),
        ] as [(Int, LoadGate.State, [String])])
    func `what can be repeated goes first, what a VEN decided never`(
        working: Int, state: LoadGate.State, shed: [String]
    ) {
        let gate = LoadGate(capacity: 100)
        for _ in 0..<working { gate.enter() }
        #expect(gate.state == state && gate.count == working)
        #expect(Self.names.filter { LoadGate.sheds($0, in: gate.state) } == shed)
        for _ in 0..<working { gate.leave() }
        #expect(gate.state == .normal)
    }
}

@Suite struct ConnectionTableTests {
    private static func peer(_ number: UInt8) throws -> PeerIdentity {
        PeerIdentity(certificate: try #require(CertificateDigest(bytes: [UInt8](repeating: number, count: 32))))
    }

    @Test func `a certificate has so many connections, and a closed one makes room`() throws {
        let table = ConnectionTable(limit: 2)
        let channels = try (0..<3).map { _ in
            let channel = EmbeddedChannel()
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            return channel
        }
        let peer = try Self.peer(1)
        #expect(table.admit(channels[0], of: peer) == nil && table.admit(channels[1], of: peer) == nil)
        #expect(table.admit(channels[2], of: peer) == .tooMany && table.count == 2)
        #expect(try table.admit(channels[2], of: Self.peer(2)) == nil)
        try channels[0].close().wait()
        channels[0].embeddedEventLoop.run()
        #expect(table.count == 2 && table.admit(channels[2], of: peer) == nil)
    }

    @Test func `a revocation ends what is open and lets nothing in`() throws {
        let table = ConnectionTable()
        let (bad, good) = (EmbeddedChannel(), EmbeddedChannel())
        for channel in [bad, good] { try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait() }
        #expect(try table.admit(bad, of: Self.peer(1)) == nil && table.admit(good, of: Self.peer(2)) == nil)
        #expect(try table.revoke([Self.peer(1).certificate]) == 1)
        bad.embeddedEventLoop.run()
        #expect(!bad.isActive && good.isActive && table.count == 1)
        #expect(try table.admit(EmbeddedChannel(), of: Self.peer(1)) == .revoked)
        #expect(try table.isRevoked(Self.peer(1)) && !table.isRevoked(Self.peer(2)))
        #expect(try table.revoke([Self.peer(1).certificate]) == 0, "once")
        _ = try? good.finish()
    }
}

@Suite struct SlowPeerTests {
    private final class Faults: Sendable {
        let seen = Mutex<[SlowPeerHandler.Fault]>([])
    }

    /// A connection with the handler in it, on a clock of our own.
    private struct Stage {
        let channel: EmbeddedChannel
        let handler: SlowPeerHandler
        let faults = Faults()

        init() throws {
            handler = SlowPeerHandler { [faults] fault in faults.seen.withLock { $0.append(fault) } }
            channel = EmbeddedChannel(handler: handler)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        func send(_ count: Int) throws { try channel.writeInbound(ByteBuffer(repeating: 0x20, count: count)) }
        func pass(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }
        func headEnds() throws { handler.headIsComplete(try channel.pipeline.syncOperations.context(handler: handler)) }
        var seen: [SlowPeerHandler.Fault] { faults.seen.withLock { $0 } }
    }

    @Test func `a connection without a request may wait 75 seconds`() throws {
        let stage = try Stage()
        stage.pass(74)
        #expect(stage.channel.isActive && stage.seen.isEmpty)
        stage.pass(2)
        #expect(!stage.channel.isActive && stage.seen.isEmpty, "that is no fault")
    }

    @Test func `the 75 seconds begin with the end of an answer, and while one is owed nothing ends`() throws {
        let stage = try Stage()
        let context = try stage.channel.pipeline.syncOperations.context(handler: stage.handler)
        for _ in 0..<2 {
            stage.pass(70)
            try stage.send(300)
            try stage.headEnds()
            stage.handler.requestIsComplete()
            stage.pass(100)
            #expect(stage.channel.isActive)
            stage.handler.answerIsComplete(context)
        }
        stage.pass(74)
        #expect(stage.channel.isActive && stage.seen.isEmpty)
        stage.pass(2)
        #expect(!stage.channel.isActive && stage.seen.isEmpty)
    }

    @Test func `a head that does not end in five seconds ends the connection, however it drips`() throws {
        let stage = try Stage()
        for _ in 0..<4 {
            try stage.send(1)
            stage.pass(1)
        }
        #expect(stage.channel.isActive)
        try stage.send(1)
        stage.pass(1)
        #expect(!stage.channel.isActive && stage.seen == [.head])
    }

    @Test(arguments: [(100, 7), (499, 7), (600, 30)] as [(Int, Int64)])
    func `a body that drips, or takes too long, ends the connection`(rate: Int, seconds: Int64) throws {
        let stage = try Stage()
        try stage.send(100)
        try stage.headEnds()
        for second in 0..<40 where stage.channel.isActive {
            // What came in the grace counts; so it only helps when the rate is kept afterwards.
            if second >= 5 || rate > 500 { try stage.send(rate) }
            stage.pass(1)
            if !stage.channel.isActive { #expect(abs(Int64(second + 1) - seconds) <= 1, "\(second + 1) s") }
        }
        #expect(!stage.channel.isActive && stage.seen == [.body])
    }

    @Test func `a second request that came with the first one is held to the same limits`() throws {
        let stage = try Stage()
        try stage.send(500)
        try stage.headEnds()
        stage.handler.requestIsComplete()
        try stage.headEnds()
        stage.pass(4)
        stage.handler.answerIsComplete(try stage.channel.pipeline.syncOperations.context(handler: stage.handler))
        #expect(stage.channel.isActive)
        stage.pass(5)
        #expect(!stage.channel.isActive && stage.seen == [.body])
    }

    @Test func `an honest request is not disturbed, nor the next one`() throws {
        let stage = try Stage()
        for _ in 0..<3 {
            try stage.send(300)
            try stage.headEnds()
            for _ in 0..<8 {
                try stage.send(1_000)
                stage.pass(1)
            }
            stage.handler.requestIsComplete()
            stage.pass(20)
        }
        #expect(stage.channel.isActive && stage.seen.isEmpty)
    }

    @Test func `an answer that is not taken in ten seconds ends the connection`() throws {
        let stage = try Stage()
        stage.channel.write(ByteBuffer(repeating: 0x20, count: 10), promise: nil)
        stage.pass(9)
        #expect(stage.channel.isActive)
        stage.channel.flush()
        stage.channel.embeddedEventLoop.run()
        stage.pass(20)
        #expect(stage.channel.isActive && stage.seen.isEmpty, "taken in time")
        stage.channel.write(ByteBuffer(repeating: 0x20, count: 10), promise: nil)
        stage.pass(11)
        #expect(!stage.channel.isActive && stage.seen == [.write])
    }
}
