import Glibc
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import OpenADR
import OpenADRXML
import Synchronization
import Testing
import VirtualTopNode

@testable import WebServer

/// One connection with the handler in it: nothing is lost, doubled or out of order, whatever comes when.
@Suite struct IdlePollHandlerTests {
    /// Questions that wait for their answer.
    private final class Questions: Sendable {
        typealias Answer = @Sendable (Result<Bool, any Error>) -> Void
        private let open = Mutex<[Answer]>([])

        var count: Int { open.withLock { $0.count } }
        func ask(_ then: @escaping Answer) { open.withLock { $0.append(then) } }
        func answer(_ result: Result<Bool, any Error>) {
            let first = open.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            guard let first else {
                Issue.record("nobody asked")
                return
            }
            first(result)
        }
    }

    /// Counts what the channel is asked to read.
    private final class Reads: ChannelOutboundHandler {
        typealias OutboundIn = HTTPResponsePart
        var count = 0

        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }

    /// Notes what is told of the connection, among what was written by then.
    private final class Events: ChannelInboundHandler {
        typealias InboundIn = HTTPRequestPart
        var seen: [String] = []

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) { seen.append("\(event)") }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { seen.append("\(error)") }
    }

    /// A connection of a VEN that polls.
    private struct Stage {
        let connections = ConnectionTable()
        let questions = Questions()
        let channel: EmbeddedChannel
        let reads = Reads()
        let events = Events()
        let poll: [UInt8]

        init() async throws {
            let polls = IdlePolls(
                hasWaiting: { [questions] _, then in questions.ask(then) }, journal: { _, _, _, _ in })
            let endpoint = try TestEndpoint(
                standing: PeerStanding(venID: "VEN-1", isPolling: true), connections: connections, idlePolls: polls)
            poll = endpoint.codec.encode(TestEndpoint.poll)
            // Now it is known who that is.
            _ = try await endpoint.send(path: ServiceName.eiEvent.path)
            // It stays on the thread of its making: from here on nothing is awaited.
            channel = EmbeddedChannel()
            try channel.pipeline.syncOperations.addHandlers([reads] + endpoint.frontHandlers())
            try channel.pipeline.syncOperations.addHandler(events)
            channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        }

        func head(_ fields: HTTPFields = [:], path: String = ServiceName.oadrPoll.path) -> HTTPRequestPart {
            var all: HTTPFields = [.contentType: "application/xml", .contentLength: String(poll.count)]
            for field in fields { all[field.name] = field.value }
            return .head(
                HTTPRequest(method: .post, scheme: "https", authority: "vtn", path: path, headerFields: all))
        }

        func receive(_ parts: HTTPRequestPart...) throws { for part in parts { try channel.writeInbound(part) } }
        func receivePoll() throws { try receive(head(), .body(ByteBuffer(bytes: poll)), .end(nil)) }

        /// Says whether anything waits for the VEN that polled first.
        func answer(_ result: Result<Bool, any Error>) {
            questions.answer(result)
            channel.embeddedEventLoop.run()
        }

        /// What was passed on since the last call: paths of heads, sizes of bodies, and ends.
        func passed() throws -> [String] {
            var words: [String] = []
            while let part = try channel.readInbound(as: HTTPRequestPart.self) {
                switch part {
                case .head(let head): words.append(head.path?.split(separator: "/").last.map(String.init) ?? "")
                case .body(let chunk): words.append("\(chunk.readableBytes)")
                case .end: words.append("end")
                }
            }
            return words
        }

        /// How many answers went out since the last call.
        func answers() throws -> Int {
            var count = 0
            while let part = try channel.readOutbound(as: HTTPResponsePart.self) { if case .end = part { count += 1 } }
            return count
        }

        var wholePoll: [String] { ["OadrPoll", "\(poll.count)", "end"] }
    }

    @Test func `a poll is answered in front, in however many pieces it comes`() async throws {
        let stage = try await Stage()
        try stage.receive(stage.head())
        for byte in stage.poll { try stage.receive(.body(ByteBuffer(bytes: [byte]))) }
        #expect(stage.questions.count == 0)
        try stage.receive(.end(nil))
        #expect(try stage.questions.count == 1 && stage.answers() == 0)
        stage.answer(.success(false))
        #expect(try stage.answers() == 1 && stage.passed() == [])
    }

    @Test(arguments: [.success(true), .failure(TestFailure())] as [Result<Bool, any Error>])
    func `what brings something, or cannot be told, is passed on as it came`(result: Result<Bool, any Error>)
        async throws
    {
        let stage = try await Stage()
        try stage.receivePoll()
        stage.answer(result)
        #expect(try stage.passed() == stage.wholePoll && stage.answers() == 0)
    }

    @Test func `what is no poll, more bytes, fewer and trailers are passed on as they came`() async throws {
        let stage = try await Stage()
        let other = ByteBuffer(repeating: 0x20, count: stage.poll.count)
        let trailers: HTTPFields = [.contentType: "x"]
        for (body, trailers) in [
            ([other], nil), ([ByteBuffer(bytes: stage.poll), ByteBuffer(bytes: [0x20])], nil),
            ([ByteBuffer(bytes: stage.poll)], trailers), ([], nil), ([ByteBuffer(bytes: stage.poll.dropLast())], nil),
        ] as [([ByteBuffer], HTTPFields?)] {
            try stage.receive(stage.head())
            for chunk in body { try stage.receive(.body(chunk)) }
            try stage.receive(.end(trailers))
            stage.channel.embeddedEventLoop.run()
            let sizes = body.map { "\($0.readableBytes)" }
            #expect(try stage.passed() == ["OadrPoll"] + sizes + ["end"] && stage.questions.count == 0)
            stage.channel.write(HTTPResponsePart.end(nil), promise: nil)
        }
    }

    @Test(
        arguments: [
            [.contentType: "application/json"], [.contentType: "application/xml; charset=latin1"],
            [.contentLength: "2049"], [.contentLength: "-1"], [.contentLength: "1 1"],
            [.contentEncoding: "gzip"], [.transferEncoding: "chunked"], [.connection: "upgrade"], [.upgrade: "h2c"],
            [.expect: "100-continue"],
        ] as [HTTPFields])
    func `a head with anything special about it is passed on at once`(fields: HTTPFields) async throws {
        let stage = try await Stage()
        try stage.receive(stage.head(fields))
        #expect(try stage.passed() == ["OadrPoll"])
    }

    @Test(
        arguments: [
            [.connection: "Keep-Alive"], [.connection: "close"], [.acceptEncoding: "gzip"], [.userAgent: "ven"],
            [.accept: "*/*"], [.contentLength: "2048"],
        ] as [HTTPFields])
    func `a head with what nearly everybody says is kept`(fields: HTTPFields) async throws {
        let stage = try await Stage()
        try stage.receive(stage.head(fields))
        #expect(try stage.passed() == [])
    }

    @Test(arguments: ["/OpenADR2/Simple/2.0b/EiEvent", "/OpenADR2/Simple/2.0b/OadrPoll?x", "/"])
    func `another path is passed on at once`(path: String) async throws {
        let stage = try await Stage()
        try stage.receive(stage.head(path: path))
        #expect(try stage.passed().count == 1)
    }

    @Test func `while another request is owed its answer polls stand in the line`() async throws {
        let stage = try await Stage()
        try stage.receive(stage.head(path: ServiceName.eiEvent.path), .end(nil))
        try stage.receivePoll()
        #expect(try stage.passed() == ["EiEvent", "end"] + stage.wholePoll && stage.questions.count == 0)
        stage.channel.write(HTTPResponsePart.end(nil), promise: nil)
        try stage.receivePoll()
        #expect(stage.questions.count == 0)
        for _ in 0..<2 { stage.channel.write(HTTPResponsePart.end(nil), promise: nil) }
        try stage.receivePoll()
        #expect(stage.questions.count == 1)
    }

    @Test func `what comes behind a poll waits for its answer, and the network with it`() async throws {
        let stage = try await Stage()
        try stage.receivePoll()
        try stage.receivePoll()
        try stage.receive(stage.head(path: ServiceName.eiEvent.path), .end(nil))
        let reads = stage.reads.count
        stage.channel.read()
        #expect(try stage.reads.count == reads && stage.questions.count == 1 && stage.passed() == [])
        stage.answer(.success(false))
        #expect(try stage.answers() == 1 && stage.questions.count == 1 && stage.passed() == [])
        #expect(stage.reads.count == reads)
        stage.answer(.success(false))
        #expect(try stage.answers() == 1 && stage.passed() == ["EiEvent", "end"] && stage.reads.count == reads + 1)
    }

    @Test func `behind a poll that is passed on, the next one is too`() async throws {
        let stage = try await Stage()
        try stage.receivePoll()
        try stage.receivePoll()
        stage.answer(.success(true))
        #expect(try stage.passed() == stage.wholePoll + stage.wholePoll && stage.questions.count == 0)
    }

    @Test func `the end of what the peer sends, or an error, comes behind what was held`() async throws {
        for tell in [
            { $0.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) },
            { $0.pipeline.fireErrorCaught(TestFailure()) },
        ] as [(EmbeddedChannel) -> Void] {
            let stage = try await Stage()
            try stage.receive(stage.head(), .body(ByteBuffer(bytes: stage.poll.prefix(5))))
            #expect(try stage.passed() == [])
            tell(stage.channel)
            #expect(try stage.passed() == ["OadrPoll", "5"] && stage.events.seen.count == 1)
        }
    }

    @Test(arguments: [true, false])
    func `an error, or a shutdown, waits for the answer to a poll`(isError: Bool) async throws {
        let stage = try await Stage()
        try stage.receivePoll()
        if isError {
            stage.channel.pipeline.fireErrorCaught(TestFailure())
        } else {
            stage.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        #expect(stage.events.seen.isEmpty)
        stage.answer(.success(isError))
        #expect(try stage.passed() == (isError ? stage.wholePoll : []) && stage.answers() == (isError ? 0 : 1))
        #expect(stage.events.seen.count == 1)
    }

    @Test func `a shutdown comes behind the next poll if that has begun`() async throws {
        let stage = try await Stage()
        try stage.receivePoll()
        try stage.receive(stage.head())
        stage.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        stage.answer(.success(false))
        #expect(try stage.answers() == 1 && stage.passed() == ["OadrPoll"] && stage.events.seen.count == 1)
    }

    @Test func `who is revoked while a poll comes has it passed on`() async throws {
        let stage = try await Stage()
        try stage.receive(stage.head())
        stage.connections.revoke([try #require(TestEndpoint.identity).certificate])
        try stage.receive(.body(ByteBuffer(bytes: stage.poll)), .end(nil))
        stage.channel.embeddedEventLoop.run()
        #expect(try stage.questions.count == 0 && stage.passed() == stage.wholePoll)
    }

    /// Ten times as many may take ten times as long: a list that is copied for each would take a hundred times. In time of the
    /// thread, as other tests have the processors too.
    @Test func `thousands of requests behind a poll cost no more each than hundreds`() async throws {
        func cost(_ count: Int) async throws -> Int64 {
            var best = Int64.max
            for _ in 0..<3 {
                let stage = try await Stage()
                try stage.receivePoll()
                let head = stage.head(path: ServiceName.eiEvent.path)
                let start = Self.threadTime()
                for _ in 0..<count { try stage.receive(head, .end(nil)) }
                best = min(best, Self.threadTime() - start)
            }
            return best
        }
        let (few, many) = (try await cost(2_000), try await cost(20_000))
        #expect(many < few * 40, "\(few), \(many)")
    }

    /// Nanoseconds.
    private static func threadTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    @Test func `a connection that is gone gets no answer`() async throws {
        let stage = try await Stage()
        try stage.receivePoll()
        stage.channel.close(promise: nil)
        stage.answer(.success(false))
        #expect(try stage.answers() == 0 && stage.passed() == [])
    }
}
