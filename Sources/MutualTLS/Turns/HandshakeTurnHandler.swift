public import NIOCore

/// Holds a client's hello back until it is the connection's turn; then it is gone.
///
/// ```
/// silent ── first bytes ──▶ waiting ── its turn ──▶ gone
///                              └── waited too long: TLSFailure, and the end
/// ```
/// Who says nothing is in nobody's way. While one waits nothing more is read from it.
public final class HandshakeTurnHandler: ChannelDuplexHandler, RemovableChannelHandler {
    public typealias InboundIn = ByteBuffer
    public typealias InboundOut = ByteBuffer
    public typealias OutboundIn = ByteBuffer
    public typealias OutboundOut = ByteBuffer

    private enum State {
        case silent
        case waiting(ChannelHandlerContext, ByteBuffer)
        case gone
    }

    private let usher: HandshakeUsher
    private var state = State.silent
    private var readIsOwed = false

    init(usher: HandshakeUsher) {
        self.usher = usher
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .silent where usher.enter(self):
            pass(context, unwrapInboundIn(data))
            vanish(context)
        case .silent: state = .waiting(context, unwrapInboundIn(data))
        case .waiting(_, var bytes):
            // More of what one look at the socket brought.
            bytes.writeImmutableBuffer(unwrapInboundIn(data))
            state = .waiting(context, bytes)
        case .gone: context.fireChannelRead(data)
        }
    }

    public func channelReadComplete(context: ChannelHandlerContext) {
        if case .waiting = state { return }
        context.fireChannelReadComplete()
    }

    public func read(context: ChannelHandlerContext) {
        if case .waiting = state { readIsOwed = true } else { context.read() }
    }

    /// It is its turn.
    func begin() {
        guard case .waiting(let context, let bytes) = state else { return }
        pass(context, bytes)
        context.fireChannelReadComplete()
        if readIsOwed { context.read() }
        vanish(context)
    }

    /// It was not its turn in time.
    func leave() {
        guard case .waiting(let context, _) = state else { return }
        state = .gone
        context.fireErrorCaught(TLSFailure(.noTurn, "too many handshakes"))
    }

    private func pass(_ context: ChannelHandlerContext, _ bytes: ByteBuffer) {
        state = .gone
        context.fireChannelRead(wrapInboundOut(bytes))
        usher.began()
    }

    private func vanish(_ context: ChannelHandlerContext) {
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    public func channelInactive(context: ChannelHandlerContext) {
        state = .gone
        context.fireChannelInactive()
    }

    public func handlerRemoved(context: ChannelHandlerContext) { state = .gone }
}
