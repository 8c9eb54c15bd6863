import HTTPCoding
import HTTPTypes
import Measures
import NIOCore
import OpenADR
import OpenADRXML
import VirtualTopNode
import XMLSignatures

/// Decides about polls in front of the responder: reads them, and asks whether anything waits.
///
/// It never refuses. Whatever is in the way of an answer leads to the responder, which finds the same and says so.
struct IdlePollDesk: Sendable {
    /// A poll that was read and found good.
    struct Idle: Sendable {
        let venID: VENID
        let received: [UInt8]
    }

    let codec: OpenADRCodec
    let surroundings: OpenADRResponder.Surroundings
    let polls: IdlePolls
    let count: MetricsRegistry.Counter

    /// The poll that a request with this head may be, when it is short enough to be no more than that.
    func expected(by head: HTTPRequest, on channel: any Channel) -> IdlePollState.Poll? {
        guard head.method == .post, head.path == ServiceName.oadrPoll.path, let peer = surroundings.peer(channel),
            let fields = PollFields(head.headerFields), let length = fields.length,
            (0...IdlePolls.longest).contains(length)
        else { return nil }
        return IdlePollState.Poll(peer: peer, head: head, length: length, accepted: fields.accepted, start: .now)
    }

    /// Tells `then`, at once or later and on any thread, who sends the poll; nil when nobody can tell.
    func findSender(of poll: IdlePollState.Poll, then: @escaping @Sendable (PeerStanding?) -> Void) {
        surroundings.directory.find(poll.peer) { then(try? $0.get()) }
    }

    /// The poll, read, if its sender may be answered at once when nothing waits; nil when the responder is to look at it.
    func examine(_ poll: IdlePollState.Poll, from standing: PeerStanding) -> Idle? {
        guard standing.isPolling, standing.settings.signatures == .optional,
            !surroundings.connections.isRevoked(poll.peer), isInTime(poll.peer, standing)
        else { return nil }
        if let idle = read(poll), idle.venID == standing.venID { return idle }
        giveBack(poll)
        return nil
    }

    /// Tells `then`, on any thread, whether nothing waits for its sender.
    func isIdle(_ idle: Idle, _ poll: IdlePollState.Poll, then: @escaping @Sendable (Bool) -> Void) {
        polls.hasWaiting(idle.venID) { waiting in
            if case .success(false) = waiting { return then(true) }
            giveBack(poll)
            then(false)
        }
    }

    private func isInTime(_ peer: PeerIdentity, _ standing: PeerStanding) -> Bool {
        surroundings.rates?.admit(
            peer, to: .oadrPoll, pollFrequency: standing.pollFrequency, now: ContinuousClock.now) == nil
    }

    /// The responder takes it for the same poll.
    private func giveBack(_ poll: IdlePollState.Poll) {
        surroundings.rates?.giveBackPoll(of: poll.peer)
    }

    /// A poll that is as the standard wants it, and not signed.
    private func read(_ poll: IdlePollState.Poll) -> Idle? {
        let bytes = Array(poll.body.readableBytesView)
        guard case .poll(let message)? = try? codec.decode(bytes),
            (try? XMLSignature.isPresent(in: bytes)) == false
        else { return nil }
        return Idle(venID: message.venID, received: bytes)
    }

    /// The answer, which is counted and comes into the payload log; nil when it cannot be packed.
    func answer(_ idle: Idle, to poll: IdlePollState.Poll) -> (head: HTTPResponse, body: ByteBuffer)? {
        let bytes = codec.encode(TopNode.nothing(for: idle.venID))
        guard var answer = try? OpenADRResponder.xml(bytes, accepted: poll.accepted) else {
            giveBack(poll)
            return nil
        }
        let now = surroundings.time.now()
        answer.head.headerFields[.date] = HTTPDate.text(now)
        count.increment()
        polls.note(
            IdleExchange(poll: idle.received, answer: bytes), of: idle.venID, poll.peer,
            PollRun.Poll(at: now, microseconds: poll.start.microsecondsUntilNow))
        return answer
    }
}

/// The header fields that decide about a poll, found in one pass.
private struct PollFields {
    var length: Int?
    var accepted: String?

    /// Nil when there is anything that the responder should look at: another type, a coding, a field that comes twice.
    init?(_ fields: HTTPFields) {
        var type: String?
        for field in fields {
            switch field.name.canonicalName {
            case "content-type":
                guard type == nil else { return nil }
                type = field.value
            case "content-length":
                guard length == nil, let number = Int(field.value) else { return nil }
                length = number
            case "accept-encoding":
                guard accepted == nil else { return nil }
                accepted = field.value
            case "connection":
                // Who closes behind the answer is the business of the handlers in front.
                guard ["keep-alive", "close"].contains(field.value.lowercased()) else { return nil }
            case "content-encoding", "transfer-encoding", "upgrade", "expect": return nil
            default: break
            }
        }
        guard let type, MediaType(type).isReadable else { return nil }
    }
}
