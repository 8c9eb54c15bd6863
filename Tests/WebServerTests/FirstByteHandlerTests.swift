import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import WebServer

/// What stands behind TLS is built when there is something for it, and misses nothing.
@Suite struct FirstByteHandlerTests {
    /// Notes what a handler behind TLS hears.
    private final class Ear: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var heard: [String] = []

        func channelActive(context: ChannelHandlerContext) { heard.append("active") }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            heard.append(String(buffer: unwrapInboundIn(data)))
        }
        func channelReadComplete(context: ChannelHandlerContext) { heard.append("complete") }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) { heard.append("event") }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { heard.append("error") }
        func channelInactive(context: ChannelHandlerContext) { heard.append("inactive") }
    }

    private struct Built: ServerChildChannelValue {
        let channel: any Channel
    }

    /// Builds an ear, at once or when it is told so.
    private struct Base: ServerChildChannel {
        let ear: NIOLoopBound<Ear>
        let permission: EventLoopFuture<Void>

        func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Built> {
            permission.flatMapThrowing {
                if channel.isActive { try channel.pipeline.syncOperations.addHandler(ear.value) }
                return Built(channel: channel)
            }
        }

        func handle(value: Built, logger: Logger) async {}
    }

    /// A connection that is open, and what became of what stands behind.
    private struct Stage {
        let channel = EmbeddedChannel()
        let ear = Ear()
        let permission: EventLoopPromise<Void>
        let ends: NIOLoopBoundBox<[Bool]>

        init(isAllowed: Bool = true) throws {
            let loop = channel.embeddedEventLoop
            permission = loop.makePromise()
            if isAllowed { permission.succeed() }
            let base = Base(ear: NIOLoopBound(ear, eventLoop: loop), permission: permission.futureResult)
            let handler = FirstByteHandler(base, logger: Logger(label: "test"), on: loop)
            ends = NIOLoopBoundBox([], eventLoop: loop)
            handler.opened.whenComplete { [ends] result in ends.value.append((try? result.get()) != nil) }
            try channel.pipeline.syncOperations.addHandler(handler)
            channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        }

        func receive(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }
        func tell(_ event: any Sendable) { channel.pipeline.fireUserInboundEventTriggered(event) }
    }

    @Test func `the first byte builds all, and then nothing stands between`() throws {
        let stage = try Stage()
        #expect(stage.ear.heard == [] && stage.ends.value == [])
        try stage.receive("a")
        #expect(stage.ear.heard == ["active", "a", "complete", "complete"] && stage.ends.value == [true])
        #expect(throws: ChannelPipelineError.self) {
            try stage.channel.pipeline.syncOperations.handler(type: FirstByteHandler<Base>.self)
        }
        try stage.receive("b")
        stage.tell(ChannelShouldQuiesceEvent())
        stage.tell(ChannelEvent.inputClosed)
        stage.channel.pipeline.fireErrorCaught(TestFailure())
        #expect(stage.ear.heard.suffix(5) == ["b", "complete", "event", "event", "error"] && stage.channel.isActive)
        _ = try stage.channel.finish(acceptAlreadyClosed: true)
        #expect(stage.ear.heard.last == "inactive" && stage.ends.value == [true])
    }

    @Test func `what comes while it is built comes in order`() throws {
        let stage = try Stage(isAllowed: false)
        for text in ["a", "b", "c"] { try stage.receive(text) }
        #expect(stage.ear.heard == [] && stage.ends.value == [])
        stage.permission.succeed()
        #expect(stage.ear.heard == ["active", "a", "b", "c", "complete"] && stage.ends.value == [true])
        _ = try stage.channel.finish(acceptAlreadyClosed: true)
    }

    @Test(arguments: 0..<4)
    func `before the first byte an end, a shutdown or an error ends the connection`(number: Int) throws {
        let stage = try Stage()
        switch number {
        case 0: stage.tell(ChannelEvent.inputClosed)
        case 1: stage.tell(ChannelShouldQuiesceEvent())
        case 2: stage.channel.pipeline.fireErrorCaught(TestFailure())
        default: stage.channel.close(promise: nil)
        }
        stage.channel.embeddedEventLoop.run()
        #expect(!stage.channel.isActive && stage.ear.heard == [] && stage.ends.value == [false])
        _ = try? stage.channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `what cannot be built ends the connection`() throws {
        let stage = try Stage(isAllowed: false)
        try stage.receive("a")
        stage.permission.fail(TestFailure())
        stage.channel.embeddedEventLoop.run()
        #expect(!stage.channel.isActive && stage.ends.value == [false])
        _ = try? stage.channel.finish(acceptAlreadyClosed: true)
    }

    /// Whoever takes what was built has to clean it up, so it must not be lost.
    @Test func `what was built too late is handed over all the same`() throws {
        let stage = try Stage(isAllowed: false)
        try stage.receive("a")
        stage.channel.close(promise: nil)
        stage.channel.embeddedEventLoop.run()
        #expect(stage.ends.value == [])
        stage.permission.succeed()
        #expect(stage.ends.value == [true])
        _ = try? stage.channel.finish(acceptAlreadyClosed: true)
    }
}
