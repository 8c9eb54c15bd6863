import NIOCore
import NIOEmbedded
import Testing

@testable import MutualTLS

/// Who waits for a handshake has its turn in order, or is sent away before it cost anything.
@Suite struct HandshakeTurnTests {
    private static func at(_ microseconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .microseconds(microseconds) }

    /// A line that is asked; each question changes it.
    private final class Line {
        private var line = HandshakeLine<Int>(patience: .seconds(5))
        var opensAt: NIODeadline { line.opensAt }
        var isEmpty: Bool { line.isEmpty }

        func enter(_ guest: Int, _ microseconds: Int64) -> Bool { line.enter(guest, now: at(microseconds)) }
        func began(_ microseconds: Int64) { line.began(now: at(microseconds)) }
        func turn() { line.beginTurn() }
        func next(_ microseconds: Int64) -> (late: [Int], first: Int?) { line.next(now: at(microseconds)) }
    }

    @Test func `one begins in a turn, in the order in which they came`() {
        let line = Line()
        #expect(line.enter(1, 0))
        line.began(700)
        #expect(!line.enter(2, 700))
        #expect(!line.enter(3, 710))
        #expect(line.opensAt == Self.at(750))
        line.turn()
        #expect(line.next(750) == ([], 2))
        line.began(1_450)
        #expect(line.next(1_450) == ([], nil))
        // Who comes now does not overtake.
        #expect(!line.enter(4, 1_450))
        line.turn()
        #expect(line.next(1_500) == ([], 3))
        line.began(2_200)
        line.turn()
        #expect(line.next(2_250) == ([], 4))
        line.began(2_950)
        #expect(line.isEmpty && line.enter(5, 3_000))
    }

    @Test func `a turn takes as long as the rest took before it`() {
        let line = Line()
        line.began(0)
        for guest in 1...5 { #expect(!line.enter(guest, 10)) }
        // Open connections took two milliseconds: three of 0.7 begin within that.
        line.turn()
        #expect(line.next(2_000) == ([], 1))
        line.began(2_700)
        #expect(line.next(2_700) == ([], 2))
        line.began(3_400)
        #expect(line.next(3_400) == ([], 3))
        line.began(4_100)
        #expect(line.next(4_100) == ([], nil))
        line.turn()
        #expect(line.next(4_150) == ([], 4))
    }

    @Test func `no turn is longer than ten milliseconds, however long the rest took`() {
        let line = Line()
        line.began(0)
        for guest in 1...3 { #expect(!line.enter(guest, 10)) }
        line.turn()
        #expect(line.next(2_000_000) == ([], 1))
        #expect(line.next(2_009_999) == ([], 2))
        #expect(line.next(2_010_000) == ([], nil))
    }

    @Test func `who has waited too long is sent away, and the next one begins`() {
        let line = Line()
        line.began(0)
        for guest in 1...4 { #expect(!line.enter(guest, Int64(guest))) }
        line.turn()
        #expect(line.next(5_000_003) == ([1, 2], 3))
        // Even when the turn is over.
        line.began(10_000_006)
        #expect(line.next(10_000_006) == ([4], nil))
    }

    /// Connections on one event loop, whose hellos are noted by their first byte.
    private final class Stage {
        let loop = EmbeddedEventLoop()
        let turns: HandshakeTurns
        var heard: [String] = []

        init(patience: TimeAmount = .seconds(5)) { turns = HandshakeTurns(patience: patience) }

        func connect() throws -> EmbeddedChannel {
            let channel = EmbeddedChannel(loop: loop)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandlers([turns.makeHandler(on: loop), Ear(self)])
            channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
            return channel
        }

        final class Ear: ChannelInboundHandler {
            typealias InboundIn = ByteBuffer
            unowned let stage: Stage

            init(_ stage: Stage) { self.stage = stage }

            func channelRead(context: ChannelHandlerContext, data: NIOAny) {
                stage.heard.append(String(buffer: unwrapInboundIn(data)))
            }
            func errorCaught(context: ChannelHandlerContext, error: any Error) {
                stage.heard.append((error as? TLSFailure)?.reason.rawValue ?? "\(error)")
            }
        }
    }

    @Test func `a hello waits for what came before it, and then nothing stands between`() throws {
        let stage = Stage()
        let channels = try (0..<3).map { _ in try stage.connect() }
        try channels[2].writeInbound(ByteBuffer(string: "c"))
        try channels[0].writeInbound(ByteBuffer(string: "a"))
        try channels[1].writeInbound(ByteBuffer(string: "b"))
        try channels[1].writeInbound(ByteBuffer(string: "B"))
        #expect(stage.heard == ["c"])
        // Whoever has begun goes on.
        try channels[2].writeInbound(ByteBuffer(string: "C"))
        #expect(stage.heard == ["c", "C"])
        stage.loop.advanceTime(by: .microseconds(49))
        #expect(stage.heard == ["c", "C"])
        // On this loop nothing takes any time, so that both fit into one turn.
        stage.loop.advanceTime(by: .microseconds(1))
        #expect(stage.heard == ["c", "C", "a", "bB"])
        for channel in channels {
            #expect(throws: ChannelPipelineError.self) {
                try channel.pipeline.syncOperations.handler(type: HandshakeTurnHandler.self)
            }
        }
    }

    @Test func `who has gone loses its turn, and who says nothing is in nobody's way`() throws {
        let stage = Stage()
        let channels = try (0..<4).map { _ in try stage.connect() }
        for (channel, text) in zip(channels, ["a", "b", "c"]) { try channel.writeInbound(ByteBuffer(string: text)) }
        try channels[1].close().wait()
        stage.loop.advanceTime(by: .milliseconds(1))
        #expect(stage.heard == ["a", "c"])
    }

    @Test func `half a hello has no turn, and takes none from others`() throws {
        let stage = Stage()
        let channels = try (0..<2).map { _ in try stage.connect() }
        // A handshake record of five bytes.
        let record: [UInt8] = [22, 3, 1, 0, 5] + Array("hello".utf8)
        try channels[0].writeInbound(ByteBuffer(bytes: record.prefix(1)))
        try channels[0].writeInbound(ByteBuffer(bytes: record[1..<9]))
        #expect(stage.heard == [])
        try channels[1].writeInbound(ByteBuffer(bytes: record))
        #expect(stage.heard.count == 1)
        try channels[0].writeInbound(ByteBuffer(bytes: record.suffix(1)))
        #expect(stage.heard.count == 1)
        stage.loop.advanceTime(by: .milliseconds(1))
        #expect(stage.heard == Array(repeating: String(decoding: record, as: UTF8.self), count: 2))
    }

    @Test func `who waited in vain hears of it`() throws {
        let stage = Stage(patience: .microseconds(10))
        for text in ["a", "b"] { try stage.connect().writeInbound(ByteBuffer(string: text)) }
        stage.loop.advanceTime(by: .microseconds(50))
        #expect(stage.heard == ["a", "no_turn"])
    }

    @Test func `nothing more is read from one that waits`() throws {
        let stage = Stage()
        let reads = ReadCounter()
        _ = try stage.connect().writeInbound(ByteBuffer(string: "a"))
        let channel = try stage.connect()
        try channel.pipeline.syncOperations.addHandler(reads, position: .first)
        channel.read()
        #expect(reads.count == 1)
        try channel.writeInbound(ByteBuffer(string: "b"))
        let before = reads.count
        channel.read()
        #expect(reads.count == before)
        stage.loop.advanceTime(by: .milliseconds(1))
        #expect(stage.heard == ["a", "b"] && reads.count == before + 1)
    }

    private final class ReadCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0

        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }

    @Test func `TLS ends a handshake whose turn never came, and says why`() throws {
        let loop = EmbeddedEventLoop()
        let turns = HandshakeTurns()
        let channel = EmbeddedChannel(loop: loop)
        let events = EventRecorder()
        let turn = turns.makeHandler(on: loop)
        let pki = TestAuthority.shared
        try channel.pipeline.syncOperations.addHandlers([turn, pki.server().makeHandler(), events])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let first = EmbeddedChannel(loop: loop)
        try first.pipeline.syncOperations.addHandler(turns.makeHandler(on: loop))
        try first.writeInbound(ByteBuffer(string: "before"))
        try channel.writeInbound(ByteBuffer(string: "hello"))
        turn.leave()
        loop.run()
        #expect(events.failure?.reason == .noTurn && !channel.isActive)
    }
}
