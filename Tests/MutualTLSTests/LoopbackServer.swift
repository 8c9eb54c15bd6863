import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

@testable import MutualTLS

/// An HTTPS server on the loopback address that answers every POST with the bytes it got, reversed; without a context, one of
/// plain HTTP.
final class LoopbackServer: Sendable {
    /// What the server saw of its clients.
    struct Log: Sendable {
        var handshakes: [TLSHandshakeCompleted] = []
        var failures: [TLSFailure] = []
        var peersOfRequests: [PeerCertificate?] = []
        var heads: [HTTPRequestHead] = []
    }

    /// `silent` does not answer a request whose body is a single zero.
    enum Behaviour: Sendable { case echo, closeAfterAnswer, silent, huge }

    let log = Mutex(Log())
    let channels = Mutex<[any Channel]>([])
    let port: Int
    private let listener: any Channel

    private init(listener: any Channel) {
        self.listener = listener
        port = listener.localAddress?.port ?? 0
    }

    static func start(_ context: TLSServerContext?, _ behaviour: Behaviour = .echo) async throws -> LoopbackServer {
        let box = Mutex<LoopbackServer?>(nil)
        let reference = Reference(box: box)
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context { try pipeline.addHandler(context.makeHandler()) }
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(Responder(server: reference, behaviour: behaviour))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = LoopbackServer(listener: listener)
        reference.box.withLock { $0 = server }
        return server
    }

    /// Drops every open connection.
    func dropConnections() async throws {
        for channel in channels.withLock({ $0 }) { try? await channel.close() }
    }

    func stop() async throws {
        try await listener.close()
        try await dropConnections()
    }

    /// Filled once the port is known.
    final class Reference: Sendable {
        let box: Mutex<LoopbackServer?>
        init(box: consuming Mutex<LoopbackServer?>) { self.box = box }
        var server: LoopbackServer? { box.withLock { $0 } }
    }

    private final class Responder: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let reference: Reference
        private let behaviour: Behaviour
        private var body: [UInt8] = []
        private var head: HTTPRequestHead?

        init(server: Reference, behaviour: Behaviour) {
            reference = server
            self.behaviour = behaviour
        }

        func channelActive(context: ChannelHandlerContext) {
            let channel = context.channel
            reference.server?.channels.withLock { $0.append(channel) }
            context.fireChannelActive()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let part):
                body += part.readableBytesView
            case .end:
                answer(context)
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            let peer = peerCertificate(of: context.channel)
            let head = head
            reference.server?.log.withLock { log in
                log.peersOfRequests.append(peer)
                if let head { log.heads.append(head) }
            }
            guard behaviour != .silent || body != [0] else { return }
            let answer = behaviour == .huge ? [UInt8](repeating: 65, count: 2_000_000) : Array(body.reversed())
            let headers: HTTPHeaders = ["Content-Length": "\(answer.count)", "Content-Type": "application/xml"]
            context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: .ok, headers: headers))), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            if behaviour == .closeAfterAnswer || head?.isKeepAlive == false { context.close(promise: nil) }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if let handshake = event as? TLSHandshakeCompleted {
                reference.server?.log.withLock { $0.handshakes.append(handshake) }
            }
            if case .some(.inputClosed) = event as? ChannelEvent { context.close(promise: nil) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            if let failure = error as? TLSFailure { reference.server?.log.withLock { $0.failures.append(failure) } }
        }
    }
}
