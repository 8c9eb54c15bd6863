public import NIOCore
import Synchronization

/// Lets those who connect to a server shake hands by turns.
///
/// ```
/// pipeline.addHandler(turns.makeHandler(on: channel.eventLoop))
/// pipeline.addHandler(context.makeHandler())
/// ```
public final class HandshakeTurns: Sendable {
    private let patience: TimeAmount
    private let lines = Mutex<[ObjectIdentifier: NIOLoopBound<HandshakeUsher>]>([:])

    /// - Parameter patience: how long one waits for its turn at most; half of what clients give a handshake is plenty.
    public init(patience: TimeAmount = .seconds(5)) {
        self.patience = patience
    }

    /// What goes in front of a server's TLS. To be called on the connection's event loop.
    public func makeHandler(on loop: any EventLoop) -> HandshakeTurnHandler {
        let usher = lines.withLock { lines in
            if let known = lines[ObjectIdentifier(loop)] { return known }
            let new = NIOLoopBound(HandshakeUsher(patience: patience, loop: loop), eventLoop: loop)
            lines[ObjectIdentifier(loop)] = new
            return new
        }
        return HandshakeTurnHandler(usher: usher.value)
    }
}

/// Calls up who waits on one event loop.
final class HandshakeUsher {
    private var line: HandshakeLine<HandshakeTurnHandler>
    private let loop: any EventLoop
    private var isComing = false

    init(patience: TimeAmount, loop: any EventLoop) {
        line = HandshakeLine(patience: patience)
        self.loop = loop
    }

    /// Whether it may begin now; otherwise it is called.
    func enter(_ guest: HandshakeTurnHandler) -> Bool {
        guard !line.enter(guest, now: loop.now) else { return true }
        come()
        return false
    }

    func began() { line.began(now: loop.now) }

    private func come() {
        guard !isComing, !line.isEmpty else { return }
        isComing = true
        loop.assumeIsolated().scheduleTask(deadline: line.opensAt) {
            self.isComing = false
            self.call()
            self.come()
        }
    }

    private func call() {
        line.beginTurn()
        while true {
            let (late, first) = line.next(now: loop.now)
            for guest in late { guest.leave() }
            guard let first else { return }
            first.begin()
        }
    }
}
