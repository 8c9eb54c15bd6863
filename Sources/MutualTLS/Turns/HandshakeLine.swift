import NIOCore

/// The line of those who want to shake hands on one event loop, as a value.
///
/// A server signs as soon as a client has said hello. Where more say hello than can be served, each would have its turn
/// before any second step, all would take longer than clients wait, and come again: the server works at nothing but
/// handshakes that nobody waits for any more. So some begin; then comes what there is to do for those who have begun, and
/// for open connections; then the next ones, in the order in which they came. They take as long as the rest took
/// before, so that they get in at all, but no longer than `longestTurn`, as each of them makes more work for the rest. Who has
/// waited for longer than `patience` has given up by now, or will before the end, and is sent away before anything was done.
///
/// A client that wants the key exchange by RSA costs little at first, and a decryption later: that is not counted.
struct HandshakeLine<Guest> {
    /// Longer than an event loop takes from one task to the next; where nothing else waits for it, it looks at its
    /// connections in between.
    static var pause: TimeAmount { .microseconds(50) }
    static var longestTurn: TimeAmount { .milliseconds(10) }

    let patience: TimeAmount
    private var waiting = CircularBuffer<(guest: Guest, since: NIODeadline)>()
    /// When the first step of the last one that began was done; nil before there was one.
    private var endedAt: NIODeadline?
    /// Until when more may begin in this turn; nil before the first one has.
    private var turnEnd: NIODeadline?

    init(patience: TimeAmount) {
        self.patience = patience
    }

    var isEmpty: Bool { waiting.isEmpty }

    /// When the next turn may begin.
    var opensAt: NIODeadline { endedAt.map { $0 + Self.pause } ?? .distantPast }

    /// Whether the guest may begin now; otherwise it is in the line.
    mutating func enter(_ guest: Guest, now: NIODeadline) -> Bool {
        if waiting.isEmpty, now >= opensAt { return true }
        waiting.append((guest, now))
        return false
    }

    /// The first step of one of them is done.
    mutating func began(now: NIODeadline) { endedAt = now }

    mutating func beginTurn() { turnEnd = nil }

    /// Who has waited too long, and who may begin now: nil at the end of the turn.
    mutating func next(now: NIODeadline) -> (late: [Guest], first: Guest?) {
        var late: [Guest] = []
        while let head = waiting.first, now - head.since > patience {
            late.append(head.guest)
            waiting.removeFirst()
        }
        if let turnEnd {
            guard now < turnEnd else { return (late, nil) }
        } else {
            turnEnd = now + min(now - (endedAt ?? now), Self.longestTurn)
        }
        return (late, waiting.popFirst()?.guest)
    }
}
