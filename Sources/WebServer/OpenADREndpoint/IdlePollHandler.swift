import HTTPTypes
import NIOCore
import NIOHTTPTypes
import VirtualTopNode

/// Answers polls that bring nothing on the event loop of their connection, and passes everything else on.
///
/// Stands behind the HTTP decoder and what judges its requests, in front of the responder: most of what a VTN hears never
/// wakes the task of a connection.
final class IdlePollHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let desk: IdlePollDesk
    private var state = IdlePollState()
    private enum News {
        case event(Any)
        case error(any Error)
    }

    /// What is to be told when the poll that is asked about has its answer.
    private var news: [News] = []
    /// Whether the application wants to read more as soon as that is so.
    private var readIsOwed = false

    init(desk: IdlePollDesk) {
        self.desk = desk
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        receive(unwrapInboundIn(data), context)
    }

    private func receive(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch state.receive(part, poll: { desk.expected(by: $0, on: context.channel) }) {
        case .keep: break
        case .pass(let parts): pass(parts, context)
        case .ask(let poll): ask(poll, context)
        }
    }

    private func pass(_ parts: [HTTPRequestPart], _ context: ChannelHandlerContext) {
        for part in parts { context.fireChannelRead(wrapInboundOut(part)) }
    }

    private func ask(_ poll: IdlePollState.Poll, _ context: ChannelHandlerContext) {
        let here = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        desk.findSender(of: poll) { standing in
            if loop.inEventLoop { return here.value.handler.examine(poll, standing, here) }
            loop.execute { here.value.handler.examine(poll, standing, here) }
        }
    }

    /// Here and not where the sender was found, as there thousands of polls may be told theirs one after the other.
    private func examine(
        _ poll: IdlePollState.Poll, _ standing: PeerStanding?,
        _ here: NIOLoopBound<(handler: IdlePollHandler, context: ChannelHandlerContext)>
    ) {
        let loop = here.value.context.eventLoop
        guard state.isAsking, let idle = standing.flatMap({ desk.examine(poll, from: $0) }) else {
            // Not before all that is being received has been.
            return loop.execute { here.value.handler.settle(poll, nil, here.value.context) }
        }
        desk.isIdle(idle, poll) { isIdle in
            loop.execute { here.value.handler.settle(poll, isIdle ? idle : nil, here.value.context) }
        }
    }

    private func settle(_ poll: IdlePollState.Poll, _ idle: IdlePollDesk.Idle?, _ context: ChannelHandlerContext) {
        // The connection may be gone by now.
        guard state.isAsking else { return }
        let answer = idle.flatMap { desk.answer($0, to: poll) }
        if let answer {
            context.write(wrapOutboundOut(.head(answer.head)), promise: nil)
            context.write(wrapOutboundOut(.body(answer.body)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        let (passed, later) = state.settle(answered: answer != nil)
        pass(passed, context)
        for part in later { receive(part, context) }
        if !passed.isEmpty || !later.isEmpty { context.fireChannelReadComplete() }
        guard !state.isAsking else { return }
        let told = news
        news = []
        for item in told {
            switch item {
            case .event(let event): userInboundEventTriggered(context: context, event: event)
            case .error(let error): errorCaught(context: context, error: error)
            }
        }
        if readIsOwed { read(context: context) }
    }

    /// What comes behind the poll that is asked about stays in the network; but that is only said when something has come, as
    /// to say it costs as much as to answer.
    func read(context: ChannelHandlerContext) {
        readIsOwed = state.isFull
        if !readIsOwed { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if state.isAsking { return news.append(.event(event)) }
        pass(state.release(), context)
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if state.isAsking { return news.append(.error(error)) }
        pass(state.release(), context)
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        forget()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { forget() }

    private func forget() {
        (state, news, readIsOwed) = (IdlePollState(), [], false)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { state.answered() }
        context.write(data, promise: promise)
    }
}
