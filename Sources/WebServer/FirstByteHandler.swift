import HummingbirdCore
import Logging
import NIOCore

/// Builds what stands behind TLS when the first byte comes out of it.
///
/// Whoever only shakes hands, or fails to, never has a decoder, a channel of parts and the tasks that read it, which are 8 %
/// of the processor time of a handshake. Until then there is nobody who could be told anything: the end of input, an
/// error or a shutdown end the connection.
final class FirstByteHandler<Base: ServerChildChannel>: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum State {
        case waiting
        /// With what came meanwhile.
        case building([ByteBuffer])
        case built
        case gone
    }

    private let base: Base
    private let logger: Logger
    private let promise: EventLoopPromise<Base.Value>
    private var state = State.waiting

    init(_ base: Base, logger: Logger, on loop: any EventLoop) {
        self.base = base
        self.logger = logger
        promise = loop.makePromise()
    }

    /// What `base` built, or why there will be nothing.
    var opened: EventLoopFuture<Base.Value> { promise.futureResult }

    // It never got into a pipeline, or it has been kept already.
    deinit { promise.fail(ChannelError.ioOnClosedChannel) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        switch state {
        case .waiting:
            state = .building([bytes])
            build(context)
        case .building(let bytesBefore): state = .building(bytesBefore + [bytes])
        case .built: context.fireChannelRead(data)
        case .gone: break
        }
    }

    private func build(_ context: ChannelHandlerContext) {
        let here = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        base.setup(channel: context.channel, logger: logger).hop(to: context.eventLoop).whenComplete { result in
            here.value.handler.finish(result, here.value.context)
        }
    }

    private func finish(_ result: Result<Base.Value, any Error>, _ context: ChannelHandlerContext) {
        // Even if nobody is there any more: whoever takes it cleans up.
        promise.completeWith(result)
        guard case .building(let bytes) = state else { return }
        guard case .success = result else {
            state = .gone
            return context.close(promise: nil)
        }
        state = .built
        // It was so before any of them was there.
        context.fireChannelActive()
        for bytes in bytes { context.fireChannelRead(wrapInboundOut(bytes)) }
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch (state, event) {
        case (.waiting, is ChannelShouldQuiesceEvent), (.waiting, ChannelEvent.inputClosed): context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.fireErrorCaught(error)
        if case .waiting = state { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    private func leave() {
        switch state {
        case .waiting:
            state = .gone
            promise.fail(ChannelError.ioOnClosedChannel)
        case .building: state = .gone
        case .built, .gone: break
        }
    }
}
