import MutualTLS
import NIOCore
import NIOPosix

/// A client over mutual TLS that says whatever it likes, and what it is told.
struct RawConnection {
    struct Answer: Hashable {
        let status: Int
        let head: String
        let body: String
    }

    /// Sends `bytes`, and after the answers to that, when the connection stays open, `last`.
    ///
    /// - Parameters:
    ///   - expected: how many answers `bytes` gets when the connection stays open.
    ///   - endsInput: whether nothing comes after `bytes`, and the client says so.
    /// - Returns: The answers up to the end of the connection, which the VTN closes.
    static func exchange(
        _ bytes: [UInt8], expected: Int, then last: [UInt8], endsInput: Bool, port: Int, context: TLSClientContext
    ) async throws -> [Answer] {
        let open = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: false)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        context.makeHandler(verification: .name("127.0.0.1")))
                    try channel.pipeline.syncOperations.addHandler(HandshakeWaiter(open))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await open.futureResult.get()
            // A VTN that has had enough may be gone before all is written.
            try? await outbound.write(ByteBuffer(bytes: bytes))
            if endsInput { outbound.finish() }
            var received: [UInt8] = []
            var saidLast = endsInput
            do {
                for try await part in inbound {
                    received += part.readableBytesView
                    if !saidLast, answers(in: received).count == expected {
                        saidLast = true
                        try? await outbound.write(ByteBuffer(bytes: last))
                    }
                }
            } catch is IOError {
                // The VTN closes without reading what it does not want.
            }
            return answers(in: received)
        }
    }

    /// The complete answers.
    static func answers(in bytes: [UInt8]) -> [Answer] {
        var rest = bytes[...]
        var answers: [Answer] = []
        while let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) {
            let head = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            let words = head.split(separator: " ", maxSplits: 2)
            guard words.count > 1, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
                return answers + [Answer(status: -1, head: head, body: "")]
            }
            let length = head.lowercased().firstRange(of: "content-length: ").flatMap { range in
                Int(head.lowercased()[range.upperBound...].prefix { $0.isNumber })
            }
            rest = rest[end.upperBound...]
            let size = status == 100 ? 0 : length ?? 0
            guard rest.count >= size else { return answers }
            answers.append(Answer(status: status, head: head, body: String(decoding: rest.prefix(size), as: UTF8.self)))
            rest = rest.dropFirst(size)
        }
        return rest.isEmpty
            ? answers : answers + [Answer(status: -1, head: "", body: String(decoding: rest, as: UTF8.self))]
    }
}

/// Says when the handshake is over, for better or worse.
private final class HandshakeWaiter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let open: EventLoopPromise<Void>

    init(_ open: EventLoopPromise<Void>) { self.open = open }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TLSHandshakeCompleted { open.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        open.fail(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }
}
