import NIOCore
import NIOEmbedded

@testable import MutualTLS

/// A client and a server whose bytes a test carries from one to the other.
struct TLSPair {
    let client = EmbeddedChannel()
    let server = EmbeddedChannel()
    let clientEvents = EventRecorder()
    let serverEvents = EventRecorder()

    init(
        client clientContext: TLSClientContext, server serverContext: TLSServerContext,
        verification: ServerVerification = .name("localhost"), sessions: TLSSessionSlot? = nil,
        configuration: TLSHandler.Configuration = .init()
    ) throws {
        let outgoing = try clientContext.makeHandler(
            verification: verification, sessions: sessions, configuration: configuration)
        let incoming = try serverContext.makeHandler(configuration: configuration)
        try client.pipeline.syncOperations.addHandlers([outgoing, clientEvents])
        try server.pipeline.syncOperations.addHandlers([incoming, serverEvents])
        try server.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try client.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 2)).wait()
    }

    /// Carries bytes to and fro until there are none; `chunk` says how long the next piece is.
    func exchange(chunk: () -> Int = { .max }) throws {
        while try carry(from: client, to: server, chunk: chunk) || carry(from: server, to: client, chunk: chunk) {}
    }

    private func carry(from: EmbeddedChannel, to: EmbeddedChannel, chunk: () -> Int) throws -> Bool {
        from.embeddedEventLoop.run()
        guard var bytes = try from.readOutbound(as: ByteBuffer.self) else { return false }
        while bytes.readableBytes > 0, to.isActive {
            guard let piece = bytes.readSlice(length: min(max(1, chunk()), bytes.readableBytes)) else { break }
            to.pipeline.fireChannelRead(piece)
            to.pipeline.fireChannelReadComplete()
        }
        to.embeddedEventLoop.run()
        return true
    }

    /// Ends both, so that nothing is left over.
    func finish() {
        _ = try? client.finish(acceptAlreadyClosed: true)
        _ = try? server.finish(acceptAlreadyClosed: true)
    }
}

/// Notes what a ``TLSHandler`` tells the application.
final class EventRecorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    var handshake: TLSHandshakeCompleted?
    var failure: TLSFailure?
    var received: [UInt8] = []
    var bytesBeforeHandshake = 0
    var inputClosed = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        received += bytes.readableBytesView
        if handshake == nil { bytesBeforeHandshake += bytes.readableBytes }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let completed = event as? TLSHandshakeCompleted { handshake = completed }
        if case .some(.inputClosed) = event as? ChannelEvent { inputClosed = true }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = error as? TLSFailure
    }
}
