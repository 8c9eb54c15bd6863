public import NIOCore
public import NIOPosix

/// One handshake with a server and nothing else, to see what it speaks and who it is.
public enum TLSProbe {
    /// - Returns: what was agreed, or why nothing was.
    public static func shakeHands(
        host: String, port: Int, context: TLSClientContext, verification: ServerVerification,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async -> Result<TLSHandshakeCompleted, HTTPSFailure> {
        let promise = group.next().makePromise(of: TLSHandshakeCompleted.self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: promise.futureResult.eventLoop)
                .connectTimeout(.seconds(10))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHandler(context.makeHandler(verification: verification))
                        try pipeline.addHandler(HandshakeWitness(promise: promise))
                    }
                }
                .connect(host: host, port: port).get()
        } catch {
            promise.fail(error)
            return .failure(.cannotConnect("\(error)"))
        }
        do {
            let completed = try await promise.futureResult.get()
            try? await channel.close()
            return .success(completed)
        } catch let failure as TLSFailure {
            return .failure(.tls(failure))
        } catch {
            return .failure(.connectionLost("\(error)"))
        }
    }
}

/// Says what comes of a handshake, once.
private final class HandshakeWitness: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let promise: EventLoopPromise<TLSHandshakeCompleted>

    init(promise: EventLoopPromise<TLSHandshakeCompleted>) { self.promise = promise }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let handshake = event as? TLSHandshakeCompleted { promise.succeed(handshake) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { promise.fail(ChannelError.eof) }
}
