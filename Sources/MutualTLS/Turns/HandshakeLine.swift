import NIOCore

/// The line of those who want to shake hands on one event loop, as a value.
///
/// A server signs as soon as a client has said hello. Where more say hello than can be served, each would have its turn
/// before any second step, all would take longer than clients wait, and come again: the server works at nothing but
/// handshakes that nobody waits for any more. So one begins at a time; then comes what there is to do for those who have
/// begun, and for open connections; then the next one, in the order in which they came. Who has waited for longer than
/// `patience` has given up by now, or will before the end, and is sent away before anything was done.
struct HandshakeLine<Guest> {
    /// Longer than an event loop takes from one task to the next, so that it looks at its connections in between.
    static var pause: TimeAmount { .microseconds(50) }

    let patience: TimeAmount
    private var waiting = CircularBuffer<(guest: Guest, since: NIODeadline)>()
    /// When the next one may begin.
    private(set) var opensAt = NIODeadline.distantPast

    init(patience: TimeAmount) {
        self.patience = patience
    }

    var isEmpty: Bool { waiting.isEmpty }

    /// Whether the guest may begin now; otherwise it is in the line.
    mutating func enter(_ guest: Guest, now: NIODeadline) -> Bool {
        if waiting.isEmpty, now >= opensAt { return true }
        waiting.append((guest, now))
        return false
    }

    /// The first step of one of them is done.
    mutating func began(now: NIODeadline) { opensAt = now + Self.pause }

    /// Who has waited too long, and who may begin now.
    mutating func next(now: NIODeadline) -> (late: [Guest], first: Guest?) {
        var late: [Guest] = []
        while let head = waiting.first, now - head.since > patience {
            late.append(head.guest)
            waiting.removeFirst()
        }
        return (late, now >= opensAt ? waiting.popFirst()?.guest : nil)
    }
}
