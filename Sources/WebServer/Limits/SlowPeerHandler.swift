import NIOCore

/// Ends connections whose peer holds them without using them: a head that does not end, a body that drips, an answer
/// that is not taken, nothing at all.
///
/// Stands between TLS and HTTP, where it sees bytes; ``RequestProgressHandler`` tells it where a request is.
///
/// ```
/// idle ── first byte ──▶ head ── head complete ──▶ body ── end ──▶ idle
///            5 s from the first byte    500 B/s after 5 s, 30 s in all
/// ```
/// Idle for 75 s and owed no answer, a connection ends too; that is nobody's fault.
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
        /// Of a body as it is sent, so that what is no content (chunks of nothing but extensions) ends too.
        var bodySize = 8 << 20
        /// Until the peer has taken what was written.
        var write = TimeAmount.seconds(10)
        var idle = TimeAmount.seconds(75)
    }

    enum Fault: String, Sendable {
        case head = "slow_head"
        case body = "slow_body"
        case bulk = "bulk_body"
        case write = "slow_write"
    }

    private enum State {
        case idle
        case head(start: NIODeadline)
        case body(start: NIODeadline, bytes: Int)
    }

    private let limits: Limits
    private let observe: @Sendable (Fault) -> Void
    private var state = State.idle
    /// Bytes of the first line of the head that is coming, or came last.
    private(set) var lineLength = 0
    private var isInLine = false
    /// When the connection was opened, or the last answer ended.
    private var idleStart = NIODeadline.distantPast
    /// Requests whose answers have not ended.
    private var unanswered = 0
    private var pendingWrites = 0
    /// When the oldest write that is not taken began.
    private var writeStart: NIODeadline?
    /// Wakes the handler when a limit may be broken. It is left to run when a request ends in time, as they all do, and finds
    /// nothing to say then: setting and stopping a clock for every request would cost more than reading it.
    private var clock: Scheduled<Void>?
    private var clockAt = NIODeadline.distantFuture
    /// Wakes the handler when the connection may have been idle for too long. No request touches it, for the same reason.
    private var idleClock: Scheduled<Void>?

    init(limits: Limits = Limits(), observe: @escaping @Sendable (Fault) -> Void) {
        self.limits = limits
        self.observe = observe
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { idleBegins(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        idleBegins(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .idle:
            state = .head(start: context.eventLoop.now)
            (lineLength, isInLine) = (0, true)
            arm(context)
        case .head:
            break
        case .body(let start, let bytes):
            let size = bytes + unwrapInboundIn(data).readableBytes
            state = .body(start: start, bytes: size)
            guard size <= limits.bodySize else { return end(context, .bulk) }
        }
        if isInLine {
            let bytes = unwrapInboundIn(data).readableBytesView
            let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
            lineLength += (end ?? bytes.endIndex) - bytes.startIndex
            isInLine = end == nil
        }
        context.fireChannelRead(data)
    }

    /// The head of a request has come.
    func headIsComplete(_ context: ChannelHandlerContext) {
        unanswered += 1
        state = .body(start: context.eventLoop.now, bytes: 0)
        arm(context)
    }

    /// All of a request has come.
    func requestIsComplete() { state = .idle }

    /// All of an answer is on its way.
    func answerIsComplete(_ context: ChannelHandlerContext) {
        unanswered = max(0, unanswered - 1)
        idleBegins(context)
    }

    // MARK: What goes out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let done = promise ?? context.eventLoop.makePromise(of: Void.self)
        pendingWrites += 1
        if writeStart == nil {
            writeStart = context.eventLoop.now
            arm(context)
        }
        done.futureResult.assumeIsolated().whenComplete { _ in
            self.pendingWrites -= 1
            if self.pendingWrites == 0 { self.writeStart = nil }
        }
        context.write(data, promise: done)
    }

    // MARK: The clock

    /// Whether nobody owes anybody anything.
    private var isIdle: Bool { if case .idle = state { unanswered == 0 } else { false } }

    private func idleBegins(_ context: ChannelHandlerContext) {
        idleStart = context.eventLoop.now
        if idleClock == nil { armIdle(context) }
    }

    private func armIdle(_ context: ChannelHandlerContext) {
        idleClock = context.eventLoop.assumeIsolated().scheduleTask(deadline: idleStart + limits.idle) {
            self.idleClock = nil
            // Otherwise the end of the answer that is owed sets it again.
            guard self.isIdle else { return }
            if context.eventLoop.now >= self.idleStart + self.limits.idle {
                context.close(promise: nil)
            } else {
                self.armIdle(context)
            }
        }
    }

    /// When the limits are to be looked at next; nil while nothing is under way.
    private func nextLook(_ now: NIODeadline) -> NIODeadline? {
        let reading: NIODeadline? =
            switch state {
            case .idle: nil
            case .head(let start): start + limits.head
            case .body(let start, _): max(start + limits.bodyGrace, now + .seconds(1))
            }
        let writing = writeStart.map { $0 + limits.write }
        guard let reading, let writing else { return reading ?? writing }
        return min(reading, writing)
    }

    private func arm(_ context: ChannelHandlerContext) {
        guard let next = nextLook(context.eventLoop.now), clock == nil || next < clockAt else { return }
        clock?.cancel()
        clockAt = next
        clock = context.eventLoop.assumeIsolated().scheduleTask(deadline: next) {
            self.clock = nil
            if let fault = self.fault(at: context.eventLoop.now) { self.end(context, fault) } else { self.arm(context) }
        }
    }

    private func fault(at now: NIODeadline) -> Fault? {
        if let writeStart, now >= writeStart + limits.write { return .write }
        switch state {
        case .idle: return nil
        case .head(let start): return now >= start + limits.head ? .head : nil
        case .body(let start, let bytes):
            let owed = max(0, (now - start - limits.bodyGrace).nanoseconds / 1_000_000_000)
            return now - start >= limits.body || bytes < Int(owed) * limits.bodyRate ? .body : nil
        }
    }

    private func end(_ context: ChannelHandlerContext, _ fault: Fault) {
        stop()
        observe(fault)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    private func stop() {
        clock?.cancel()
        idleClock?.cancel()
        (clock, idleClock) = (nil, nil)
        (state, writeStart) = (.idle, nil)
    }
}
