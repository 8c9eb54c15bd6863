import NIOCore

/// Sends commands and gives each its reply: the server answers in the order of the commands.
///
/// Everything runs on the event loop of the channel.
final class ReplyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    typealias Answer = Result<RedisReply, RedisError>

    /// A command without a reply. It keeps its place when its caller has given up, for the reply that may still come.
    private struct Pending {
        let number: UInt64
        var promise: EventLoopPromise<Answer>?
        let timer: Scheduled<Void>
    }

    private let timeout: TimeAmount
    private let reader = ReplyReader()
    private var pending = CircularBuffer<Pending>()
    private var nextNumber: UInt64 = 0
    private var lastRead = NIODeadline.now()
    private var context: ChannelHandlerContext?

    init(timeout: TimeAmount) {
        self.timeout = timeout
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        failAll(.connectionLost)
    }

    func send(_ command: ByteBuffer, _ promise: EventLoopPromise<Answer>) {
        guard let context, context.channel.isActive else {
            promise.succeed(.failure(.connectionLost))
            return
        }
        let number = nextNumber
        nextNumber += 1
        if pending.isEmpty { lastRead = .now() }
        let timer = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.giveUp(number) }
        pending.append(Pending(number: number, promise: promise, timer: timer))
        context.writeAndFlush(wrapOutboundOut(command), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastRead = .now()
        do throws(RedisError) {
            try reader.read(unwrapInboundIn(data)) { (reply) throws(RedisError) in
                guard let first = pending.popFirst() else {
                    throw .protocolViolation("a reply without a command")
                }
                first.timer.cancel()
                if case .error(let message) = reply {
                    first.promise?.succeed(.failure(.server(message)))
                } else {
                    first.promise?.succeed(.success(reply))
                }
            }
        } catch {
            failAll(error)
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        failAll(.connectionLost)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failAll(.connectionLost)
        context.close(promise: nil)
    }

    /// The caller of a command waits no longer. A server that has been silent for much longer is given up.
    private func giveUp(_ number: UInt64) {
        guard let first = pending.first, number >= first.number else { return }
        let index = pending.index(pending.startIndex, offsetBy: Int(number - first.number))
        pending[index].promise?.succeed(.failure(.timedOut))
        pending[index].promise = nil
        let silence = NIODeadline.now() - lastRead
        if silence > max(timeout * 10, .seconds(1)) { context?.close(promise: nil) }
    }

    private func failAll(_ error: RedisError) {
        while let next = pending.popFirst() {
            next.timer.cancel()
            next.promise?.succeed(.failure(error))
        }
    }
}
