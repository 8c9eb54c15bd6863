import NIOCore

/// Ends connections whose peer holds them without using them: a head that does not end, a body that drips, an answer
/// that is not taken.
///
/// Stands between TLS and HTTP, where it sees bytes; ``RequestProgressHandler`` tells it where a request is.
///
/// ```
/// idle ── first byte ──▶ head ── head complete ──▶ body ── end ──▶ idle
///            5 s from the first byte    500 B/s after 5 s, 30 s in all
/// ```
final class SlowPeerHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How slow a peer may be.
    struct Limits: Hashable, Sendable {
        var head = TimeAmount.seconds(5)
        var bodyGrace = TimeAmount.seconds(5)
        /// Bytes per second, after the grace.
        var bodyRate = 500
        var body = TimeAmount.seconds(30)
        /// Until the peer has taken what was written.
        var write = TimeAmount.seconds(10)
    }

    enum Fault: String, Sendable {
        case head = "slow_head"
        case body = "slow_body"
        case write = "slow_write"
    }

    private enum State {
        case idle
        case head
        case body(start: NIODeadline, bytes: Int)
    }

    private let limits: Limits
    private let observe: @Sendable (Fault) -> Void
    private var state = State.idle
    private var clock: Scheduled<Void>?
    private var pendingWrites = 0
    private var writeClock: Scheduled<Void>?

    init(limits: Limits = Limits(), observe: @escaping @Sendable (Fault) -> Void) {
        self.limits = limits
        self.observe = observe
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .idle:
            state = .head
            start(context, limits.head, .head)
        case .head:
            break
        case .body(let start, let bytes):
            state = .body(start: start, bytes: bytes + unwrapInboundIn(data).readableBytes)
        }
        context.fireChannelRead(data)
    }

    /// The head of a request has come.
    func headIsComplete(_ context: ChannelHandlerContext) {
        guard case .head = state else { return }
        let now = context.eventLoop.now
        state = .body(start: now, bytes: 0)
        clock?.cancel()
        checkBody(context, in: limits.bodyGrace)
    }

    /// All of a request has come.
    func requestIsComplete() {
        state = .idle
        clock?.cancel()
        clock = nil
    }

    private func checkBody(_ context: ChannelHandlerContext, in delay: TimeAmount) {
        clock = context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
            guard case .body(let start, let bytes) = self.state else { return }
            let elapsed = context.eventLoop.now - start
            let owed = max(0, (elapsed - self.limits.bodyGrace).nanoseconds / 1_000_000_000)
            guard elapsed < self.limits.body, bytes >= Int(owed) * self.limits.bodyRate else {
                return self.end(context, .body)
            }
            self.checkBody(context, in: .seconds(1))
        }
    }

    private func start(_ context: ChannelHandlerContext, _ limit: TimeAmount, _ fault: Fault) {
        clock = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { self.end(context, fault) }
    }

    private func end(_ context: ChannelHandlerContext, _ fault: Fault) {
        stop()
        observe(fault)
        context.close(promise: nil)
    }

    // MARK: What goes out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let done = promise ?? context.eventLoop.makePromise(of: Void.self)
        pendingWrites += 1
        if writeClock == nil {
            writeClock = context.eventLoop.assumeIsolated().scheduleTask(in: limits.write) {
                self.end(context, .write)
            }
        }
        done.futureResult.assumeIsolated().whenComplete { _ in
            self.pendingWrites -= 1
            guard self.pendingWrites == 0 else { return }
            self.writeClock?.cancel()
            self.writeClock = nil
        }
        context.write(data, promise: done)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    private func stop() {
        clock?.cancel()
        writeClock?.cancel()
        (clock, writeClock) = (nil, nil)
    }
}
