import HTTPTypes
import NIOCore
import NIOHTTPTypes
import VirtualTopNode

/// What becomes of the requests of one connection in front of an ``IdlePollHandler``: which parts it keeps, and which it
/// passes on.
///
/// ```
///                  may be a poll                    all of it is here
/// passing ─────────────────────────────▶ holding ─────────────────────▶ asking ──▶ passing
///    any other head, or an answer owed      │ a longer one: passed on      answered, or passed on
/// ```
///
/// A request is held only while no other one of the connection is owed an answer, so the answers keep their order.
struct IdlePollState {
    /// What the handler is to do.
    enum Action {
        /// Hand these on, in their order.
        case pass([HTTPRequestPart])
        /// Nothing yet.
        case keep
        /// All of it has come: find out whether it is a poll that may be answered here.
        case ask(Poll)
    }

    /// A request that may be a poll.
    struct Poll: Sendable {
        let peer: PeerIdentity
        let head: HTTPRequest
        /// Bytes of the body, as the head announces them.
        let length: Int
        /// What the answer may be packed with, as the request has it.
        let accepted: String?
        let start: ContinuousClock.Instant
        fileprivate(set) var body = ByteBuffer()

        /// The request as it came.
        fileprivate var parts: [HTTPRequestPart] { [.head(head)] + (body.readableBytes > 0 ? [.body(body)] : []) }

        init(
            peer: PeerIdentity, head: HTTPRequest, length: Int, accepted: String?, start: ContinuousClock.Instant
        ) {
            self.peer = peer
            self.head = head
            self.length = length
            self.accepted = accepted
            self.start = start
        }
    }

    private enum Phase {
        case passing
        case holding(Poll)
        case asking(Poll)
    }

    private var phase = Phase.passing
    /// What came behind the poll that is asked about. Beside the phase, so that it grows in place: there may be thousands.
    private var later: [HTTPRequestPart] = []
    /// Requests passed on whose answers have not ended.
    private var owed = 0

    /// Whether what comes now has to wait for the answer to a poll.
    var isAsking: Bool { if case .asking = phase { true } else { false } }

    /// Whether something waits, and more of it is not to be read.
    var isFull: Bool { !later.isEmpty }

    /// - Parameter poll: the poll that a request with this head may be; nil for any other request.
    mutating func receive(_ part: HTTPRequestPart, poll: (HTTPRequest) -> Poll?) -> Action {
        switch (phase, part) {
        case (.asking, _):
            later.append(part)
            return .keep
        case (.passing, .head(let head)):
            if owed == 0, let poll = poll(head) {
                phase = .holding(poll)
                return .keep
            }
            owed += 1
            return .pass([part])
        case (.passing, _):
            return .pass([part])
        case (.holding(let held), .body(var chunk)):
            guard held.body.readableBytes + chunk.readableBytes <= held.length else {
                return .pass(release() + [part])
            }
            var poll = held
            poll.body.writeBuffer(&chunk)
            phase = .holding(poll)
            return .keep
        case (.holding(let held), .end(let trailers)):
            guard trailers == nil, held.body.readableBytes == held.length else {
                return .pass(release() + [part])
            }
            phase = .asking(held)
            return .ask(held)
        case (.holding, .head):
            return .pass(release() + [part])
        }
    }

    /// Stops holding: what is to be passed on now, if anything is.
    mutating func release() -> [HTTPRequestPart] {
        guard case .holding(let poll) = phase else { return [] }
        phase = .passing
        owed += 1
        return poll.parts
    }

    /// The end of asking.
    ///
    /// - Returns: the request, unless it was answered here, and what came after it, which is to be received anew.
    mutating func settle(answered: Bool) -> (passed: [HTTPRequestPart], later: [HTTPRequestPart]) {
        guard case .asking(let poll) = phase else { return ([], []) }
        phase = .passing
        if !answered { owed += 1 }
        let rest = later
        later = []
        return (answered ? [] : poll.parts + [.end(nil)], rest)
    }

    /// The answer to a request that was passed on has ended.
    mutating func answered() { owed -= 1 }
}
