public import HummingbirdCore
public import Logging
public import MutualTLS
public import NIOCore

/// Puts TLS by OpenSSL under one of Hummingbird's channels, for instance `HTTP1Channel`.
///
/// A request handler gets the client's certificate from the channel of its request with `peerCertificate(of:)`.
public struct OpenSSLChannel<Base: ServerChildChannel>: ServerChildChannel {
    /// A connection, and what stands behind TLS as soon as anything came out of it; fails when nothing does.
    public struct Value: ServerChildChannelValue {
        public let channel: any Channel
        let opened: EventLoopFuture<Base.Value>
    }

    private let base: Base
    private let context: TLSServerContext
    private let configuration: TLSHandler.Configuration
    private let observe: TLSObserver
    private let watch: ConnectionWatch?

    /// - Parameters:
    ///   - observe: Hears of every handshake, on an event loop, so it must not block.
    ///   - watch: Ends connections that are not used, or not wanted; nil lets all be.
    public init(
        _ base: Base, context: TLSServerContext, configuration: TLSHandler.Configuration = .init(),
        watch: ConnectionWatch? = nil, observe: @escaping TLSObserver = { _, _ in }
    ) {
        self.watch = watch
        self.base = base
        self.context = context
        self.configuration = configuration
        self.observe = observe
    }

    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let watch { try pipeline.addHandler(watch.turns.makeHandler(on: channel.eventLoop)) }
            try pipeline.addHandler(context.makeHandler(configuration: configuration))
            try pipeline.addHandler(TLSObservation(observe, admit: watch?.admit))
            // Without a watch only what stands behind notices that nothing comes.
            guard let watch else {
                return Value(channel: channel, opened: base.setup(channel: channel, logger: logger))
            }
            try pipeline.addHandler(SlowPeerHandler(limits: watch.limits, observe: watch.sawSlowPeer))
            let first = FirstByteHandler(base, logger: logger, on: channel.eventLoop)
            try pipeline.addHandler(first)
            return Value(channel: channel, opened: first.opened)
        }
    }

    public func handle(value: Value, logger: Logger) async {
        guard let opened = try? await value.opened.get() else { return }
        await base.handle(value: opened, logger: logger)
    }
}

/// Told of the end of every handshake, good or bad, with the address of the other side.
public typealias TLSObserver = @Sendable (Result<TLSHandshakeCompleted, TLSFailure>, SocketAddress?) -> Void

extension HTTPServerBuilder {
    /// An HTTP/1.1 server with TLS by OpenSSL.
    ///
    /// ```
    /// Application(router: router, server: .openSSL(context: context))
    /// ```
    public static func openSSL(
        _ http: HTTP1Channel.Configuration = .init(), context: TLSServerContext,
        configuration: TLSHandler.Configuration = .init(), watch: ConnectionWatch? = nil,
        observe: @escaping TLSObserver = { _, _ in }
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            OpenSSLChannel(
                HTTP1Channel(responder: responder, configuration: http), context: context,
                configuration: configuration, watch: watch, observe: observe)
        }
    }
}

/// Passes on what the TLS handler says.
private final class TLSObservation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let observe: TLSObserver
    private let admit: ConnectionWatch.Admission?

    init(_ observe: @escaping TLSObserver, admit: ConnectionWatch.Admission?) {
        self.observe = observe
        self.admit = admit
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let handshake = event as? TLSHandshakeCompleted {
            observe(.success(handshake), context.channel.remoteAddress)
            if let admit, !admit(handshake, context.channel) { context.close(promise: nil) }
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let failure = error as? TLSFailure { observe(.failure(failure), context.channel.remoteAddress) }
        context.fireErrorCaught(error)
    }
}
