import NIOCore
import NIOHTTPTypes

/// Tells the ``SlowPeerHandler`` of its channel where a request is. Stands behind the HTTP decoder.
final class RequestProgressHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var watch: SlowPeerHandler?
    private var watchContext: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        watch = try? pipeline.handler(type: SlowPeerHandler.self)
        watchContext = try? pipeline.context(handlerType: SlowPeerHandler.self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        (watch, watchContext) = (nil, nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: if let watchContext { watch?.headIsComplete(watchContext) }
        case .body: break
        case .end: watch?.requestIsComplete()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(data, promise: promise)
        if case .end = unwrapOutboundIn(data), let watchContext { watch?.answerIsComplete(watchContext) }
    }
}
