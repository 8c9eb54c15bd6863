import Glibc
public import NIOCore

/// TLS in a channel's pipeline: ciphertext towards the network, plaintext towards the application.
///
/// Place it first. It gives no byte to the application before the handshake has completed and the peer is verified,
/// holds back what the application writes until then, fires ``TLSHandshakeCompleted``, and closes the channel with a
/// ``TLSFailure`` through `errorCaught` when anything is wrong.
///
/// ```
///            channelActive                    peer verified
///   waiting ──────────────▶ handshaking ─────────────────────▶ open ──▶ closed
///                                └── failure, timeout, close ──────────────┘
/// ```
public final class TLSHandler: ChannelDuplexHandler {
    public typealias InboundIn = ByteBuffer
    public typealias InboundOut = ByteBuffer
    public typealias OutboundIn = ByteBuffer
    public typealias OutboundOut = ByteBuffer

    public struct Configuration: Hashable, Sendable {
        /// The longest time from the connection to the end of the handshake.
        public var handshakeTimeout: TimeAmount

        public init(handshakeTimeout: TimeAmount = .seconds(10)) {
            self.handshakeTimeout = handshakeTimeout
        }
    }

    private enum State { case waiting, handshaking, open, closed }

    private let engine: TLSEngine
    private let isClient: Bool
    private let fingerprints: Set<String>?
    private let configuration: Configuration
    private var state = State.waiting
    private var deadline: Scheduled<Void>?
    private var pending = PendingWrites()
    /// Whether the application wants to read and has got nothing since it said so.
    private var readIsOwed = false
    private var sawCloseNotify = false

    /// A server's end.
    init(serving engine: TLSEngine, configuration: Configuration) {
        self.engine = engine
        isClient = false
        fingerprints = nil
        self.configuration = configuration
    }

    /// A client's end.
    ///
    /// - Parameter fingerprints: The OpenADR fingerprints of which the server must have one, if any is pinned.
    init(asking engine: TLSEngine, fingerprints: Set<String>?, configuration: Configuration) {
        self.engine = engine
        isClient = true
        self.fingerprints = fingerprints
        self.configuration = configuration
    }

    public func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { start(context) }
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        end(context, failing: ChannelError.ioOnClosedChannel)
    }

    public func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    public func channelInactive(context: ChannelHandlerContext) {
        switch state {
        case .handshaking: context.fireErrorCaught(TLSFailure(.closedInHandshake, "connection closed"))
        case .open where isClient && !sawCloseNotify: context.fireErrorCaught(TLSFailure(.truncated, "no close_notify"))
        default: break
        }
        end(context, failing: ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    private func start(_ context: ChannelHandlerContext) {
        guard state == .waiting else { return }
        state = .handshaking
        let limit = configuration.handshakeTimeout
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: limit) {
            self.fail(context, TLSFailure(.handshakeTimeout, "not complete after \(limit.nanoseconds / 1_000_000) ms"))
        }
        advance(context)
    }

    /// Leaves every state but `closed`, once.
    private func end(_ context: ChannelHandlerContext, failing error: any Error) {
        guard state != .closed else { return }
        state = .closed
        deadline?.cancel()
        deadline = nil
        PeerRegistry.shared.remove(context.channel)
        pending.failAll(error)
    }

    private func fail(_ context: ChannelHandlerContext, _ failure: TLSFailure) {
        guard state != .closed else { return }
        end(context, failing: failure)
        // The alert that says why.
        sendOutput(context, promise: nil)
        context.fireErrorCaught(failure)
        context.close(promise: nil)
    }
}

// MARK: - Reading

extension TLSHandler {
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard state != .closed else { return }
        engine.receive(unwrapInboundIn(data))
        advance(context)
    }

    public func read(context: ChannelHandlerContext) {
        readIsOwed = true
        context.read()
    }

    public func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // What came was TLS's own: the application still waits, and will not ask again.
        if readIsOwed, state != .closed { context.read() }
    }

    /// What stands in front of TLS can end a handshake.
    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let failure = error as? TLSFailure else { return context.fireErrorCaught(error) }
        fail(context, failure)
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent {
            if state == .handshaking { return fail(context, TLSFailure(.closedInHandshake, "end of stream")) }
            // The application has heard of it already.
            if sawCloseNotify { return }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Does all that the bytes which have come allow, and sends what comes of it in one write.
    private func advance(_ context: ChannelHandlerContext) {
        if state == .handshaking { shakeHands(context) }
        if state == .open { deliver(context) }
        engine.releaseInput()
        sendOutput(context, promise: nil)
    }

    private func shakeHands(_ context: ChannelHandlerContext) {
        switch engine.handshake() {
        case .wantsInput: break
        case .failed(let failure): fail(context, failure)
        case .completed: open(context)
        }
    }

    private func open(_ context: ChannelHandlerContext) {
        let outcome = engine.outcome()
        if let failure = outcome.objection(fingerprints: fingerprints, now: Int64(time(nil))) {
            return fail(context, failure)
        }
        deadline?.cancel()
        deadline = nil
        state = .open
        if let peer = outcome.peer { PeerRegistry.shared.insert(peer, for: context.channel) }
        context.fireUserInboundEventTriggered(outcome)
        flushPending(context)
    }

    private func deliver(_ context: ChannelHandlerContext) {
        guard !sawCloseNotify, engine.hasInput else { return }
        var plaintext = context.channel.allocator.buffer(capacity: engine.expectedPlaintext)
        let result = engine.read(into: &plaintext)
        if plaintext.readableBytes > 0 {
            readIsOwed = false
            context.fireChannelRead(wrapInboundOut(plaintext))
        }
        switch result {
        case .drained: break
        case .ended: inputEnded(context)
        case .failed(let failure): fail(context, failure)
        }
    }

    /// The peer sends no more. Where the channel allows half-closure the application may still answer.
    private func inputEnded(_ context: ChannelHandlerContext) {
        guard state == .open else { return }
        sawCloseNotify = true
        let mayAnswer = try? context.channel.syncOptions?.getOption(.allowRemoteHalfClosure)
        if mayAnswer == true {
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        } else {
            close(context: context, mode: .all, promise: nil)
        }
    }
}

// MARK: - Writing and closing

extension TLSHandler {
    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard state != .closed else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        pending.append(unwrapOutboundIn(data), promise: promise)
    }

    public func flush(context: ChannelHandlerContext) {
        pending.markFlush()
        if state == .open { flushPending(context) }
    }

    public func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard state == .open else {
            if mode == .all { end(context, failing: ChannelError.ioOnClosedChannel) }
            return context.close(mode: mode, promise: promise)
        }
        switch mode {
        case .input:
            break
        case .output:
            pending.failAll(ChannelError.outputClosed)
            engine.closeOutput()
            sendOutput(context, promise: nil)
        case .all:
            engine.closeOutput()
            end(context, failing: ChannelError.ioOnClosedChannel)
            sendOutput(context, promise: nil)
        }
        context.close(mode: mode, promise: promise)
    }

    /// Encrypts what is marked, as few records as possible, and sends it in one write.
    private func flushPending(_ context: ChannelHandlerContext) {
        guard let batch = pending.takeFlushed(on: context.eventLoop) else { return }
        for buffer in batch.plaintext {
            if let failure = engine.write(buffer) {
                batch.promise?.fail(failure)
                return fail(context, failure)
            }
        }
        sendOutput(context, promise: batch.promise)
    }

    private func sendOutput(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        if let output = engine.takeOutput() {
            context.writeAndFlush(wrapOutboundOut(output), promise: promise)
        } else {
            promise?.succeed()
        }
    }
}
