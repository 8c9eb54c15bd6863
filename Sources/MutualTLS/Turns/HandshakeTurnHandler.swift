public import NIOCore

/// Holds a client's hello back until it is the connection's turn; then it is gone.
///
/// ```
/// silent ── a whole record ──▶ waiting ── its turn ──▶ gone
///                                 └── waited too long: TLSFailure, and the end
/// ```
/// Who says nothing, or half of it, is in nobody's way, and has no turn. While one waits nothing more is asked of it.
public final class HandshakeTurnHandler: ChannelDuplexHandler, RemovableChannelHandler {
    public typealias InboundIn = ByteBuffer
    public typealias InboundOut = ByteBuffer
    public typealias OutboundIn = ByteBuffer
    public typealias OutboundOut = ByteBuffer

    private enum State {
        /// With what has come of its first record.
        case silent(ByteBuffer?)
        case waiting(ChannelHandlerContext, ByteBuffer)
        case gone
    }

    private let usher: HandshakeUsher
    private var state = State.silent(nil)
    private var readIsOwed = false

    init(usher: HandshakeUsher) {
        self.usher = usher
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let new = unwrapInboundIn(data)
        switch state {
        case .silent(let before):
            let bytes = before.map { $0.joined(by: new) } ?? new
            if !Self.isWhole(bytes) {
                state = .silent(bytes)
            } else if usher.enter(self) {
                pass(context, bytes)
                vanish(context)
            } else {
                state = .waiting(context, bytes)
            }
        case .waiting(let context, let bytes):
            // More of what one look at the socket brought.
            state = .waiting(context, bytes.joined(by: new))
        case .gone: context.fireChannelRead(data)
        }
    }

    /// Whether there is a record to look at: its length stands behind its type and version (RFC 5246, section 6.2.1). What
    /// is no handshake, or too long for a record, is TLS's to refuse.
    private static func isWhole(_ bytes: ByteBuffer) -> Bool {
        guard let first: UInt8 = bytes.getInteger(at: bytes.readerIndex), first == handshakeRecord else { return true }
        guard let length: UInt16 = bytes.getInteger(at: bytes.readerIndex + 3) else { return false }
        return length > longestRecord || bytes.readableBytes >= 5 + Int(length)
    }

    private static let handshakeRecord: UInt8 = 22
    private static let longestRecord: UInt16 = 1 << 14

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

extension ByteBuffer {
    fileprivate func joined(by more: ByteBuffer) -> ByteBuffer {
        var all = self
        all.writeImmutableBuffer(more)
        return all
    }
}
