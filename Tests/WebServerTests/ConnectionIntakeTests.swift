import NIOCore
import NIOEmbedded
import Testing

@testable import WebServer

/// Connections are taken however late their tasks begin, and no more than there may be.
@Suite struct ConnectionIntakeTests {
    /// Counts what is asked of the system.
    private final class System: ChannelOutboundHandler {
        typealias OutboundIn = Never
        var reads = 0

        func read(context: ChannelHandlerContext) { reads += 1 }
    }

    /// A listener on one event loop, whose consumer never asks for more by itself.
    private struct Listener {
        let loop = EmbeddedEventLoop()
        let system = System()
        let channel: EmbeddedChannel

        init(limit: Int) throws {
            channel = EmbeddedChannel(loop: loop)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(system)
            try pipeline.addHandler(ConnectionIntake(limit: limit))
        }

        func accept() -> EmbeddedChannel { accept(1)[0] }

        /// As many as one look at the system's queue brings.
        func accept(_ count: Int) -> [EmbeddedChannel] {
            let connections = (0..<count).map { _ in EmbeddedChannel(loop: loop) }
            for connection in connections { channel.pipeline.fireChannelRead(connection as any Channel) }
            channel.pipeline.fireChannelReadComplete()
            return connections
        }

        func close(_ connection: EmbeddedChannel) throws {
            connection.close(promise: nil)
            loop.run()
        }
    }

    @Test func `the next one is taken without anybody asking`() throws {
        let listener = try Listener(limit: 10)
        #expect(listener.system.reads == 1)
        _ = listener.accept()
        #expect(listener.system.reads == 2)
        _ = listener.accept()
        #expect(listener.system.reads == 3)
    }

    @Test func `at the limit none is taken until one ends`() throws {
        let listener = try Listener(limit: 2)
        let first = listener.accept()
        let second = listener.accept()
        #expect(listener.system.reads == 2)
        listener.channel.read()
        #expect(listener.system.reads == 2)
        try listener.close(first)
        #expect(listener.system.reads == 3)
        // No more than was asked for.
        try listener.close(second)
        #expect(listener.system.reads == 3)
    }

    @Test func `where one look brought too many, as many have to end first`() throws {
        let listener = try Listener(limit: 2)
        let connections = listener.accept(4)
        #expect(listener.system.reads == 1)
        for connection in connections.prefix(2) { try listener.close(connection) }
        #expect(listener.system.reads == 1)
        try listener.close(connections[2])
        #expect(listener.system.reads == 2)
    }
}
