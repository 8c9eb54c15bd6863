import NIOCore

/// Takes connections as they come, up to a limit, in the pipeline of a listening channel.
///
/// Hummingbird gives each connection a task, and takes the next ten from the system when those have begun. Where all
/// processors are busy they begin late: connections lie in the system's queue until their clients have given up, and are
/// served then. So they are taken here; what comes of them is the business of ``HandshakeTurns`` and of the limits
/// behind it.
final class ConnectionIntake: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    private let limit: Int
    private var open = 0
    private var isFull = false

    /// - Parameter limit: connections at the same time, give or take what one look at the system's queue brings; more wait
    ///   there until some have ended.
    init(limit: Int) {
        self.limit = limit
    }

    /// Puts one in front of all that reads from the listener, but for what pauses when the system has no more sockets.
    static func add(to listener: any Channel, limit: Int) async throws {
        // Many at a time: those who wait in the system's queue cannot be told from those who have gone.
        try await listener.setOption(.maxMessagesPerRead, value: 64).get()
        try await listener.eventLoop.submit {
            let pipeline = listener.pipeline.syncOperations
            let pauses = try pipeline.context(handlerType: AcceptBackoffHandler.self).handler
            try pipeline.addHandler(ConnectionIntake(limit: limit), position: .after(pauses))
        }.get()
    }

    func handlerAdded(context: ChannelHandlerContext) { context.read() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        open += 1
        let here = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        unwrapInboundIn(data).closeFuture.hop(to: context.eventLoop).whenComplete { _ in
            here.value.handler.oneClosed(here.value.context)
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        read(context: context)
    }

    func read(context: ChannelHandlerContext) {
        if open < limit { context.read() } else { isFull = true }
    }

    private func oneClosed(_ context: ChannelHandlerContext) {
        open -= 1
        guard isFull, open < limit else { return }
        isFull = false
        context.read()
    }
}
