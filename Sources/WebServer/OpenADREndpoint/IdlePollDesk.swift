import HTTPCoding
import HTTPTypes
import Measures
import NIOCore
import OpenADR
import VirtualTopNode

/// Decides about polls that may be known: what is no matter of their bytes is asked for every one of them.
///
/// It never refuses. Whatever is in the way of an answer leads to the responder, which finds the same and says so.
struct IdlePollDesk: Sendable {
    let surroundings: OpenADRResponder.Surroundings
    let polls: IdlePolls
    let count: MetricsRegistry.Counter

    /// The poll that a request with this head is, if its body turns out to have the known bytes.
    func expected(by head: HTTPRequest, on channel: any Channel) -> IdlePollState.Poll? {
        guard head.method == .post, head.path == ServiceName.oadrPoll.path, let peer = surroundings.peer(channel),
            let known = polls.known(of: peer), let fields = PollFields(head.headerFields),
            fields.length == known.exchange.poll.count
        else { return nil }
        return IdlePollState.Poll(known: known, head: head, accepted: fields.accepted, start: .now)
    }

    /// Tells `then`, on any thread, whether a poll with the known bytes brings nothing and may be answered.
    func isIdle(_ known: KnownPolls.Known, then: @escaping @Sendable (Bool) -> Void) {
        if let standing = surroundings.directory.remembered(known.peer) {
            return isIdle(known, standing, then)
        }
        Task {
            guard let standing = try? await surroundings.directory.standing(of: known.peer) else { return then(false) }
            isIdle(known, standing, then)
        }
    }

    private func isIdle(
        _ known: KnownPolls.Known, _ standing: PeerStanding, _ then: @escaping @Sendable (Bool) -> Void
    ) {
        let peer = known.peer
        guard standing.isPolling, standing.settings.signatures == .optional, known.venID == standing.venID,
            !surroundings.connections.isRevoked(peer),
            // Another connection of the VEN may have said something since this poll began.
            polls.known(of: peer)?.exchange == known.exchange, isInTime(peer, standing)
        else { return then(false) }
        polls.hasWaiting(known.venID) { waiting in
            if case .success(false) = waiting { return then(true) }
            // The responder takes it for the same poll.
            surroundings.rates?.pollBrought(peer)
            then(false)
        }
    }

    private func isInTime(_ peer: PeerIdentity, _ standing: PeerStanding) -> Bool {
        surroundings.rates?.admit(
            peer, to: .oadrPoll, pollFrequency: standing.pollFrequency, now: ContinuousClock.now) == nil
    }

    /// The answer, which is counted and comes into the payload log; nil when it cannot be packed.
    func answer(to poll: IdlePollState.Poll) -> (head: HTTPResponse, body: ByteBuffer)? {
        let now = surroundings.time.now()
        guard var answer = try? OpenADRResponder.xml(poll.known.exchange.answer, accepted: poll.accepted) else {
            surroundings.rates?.pollBrought(poll.known.peer)
            return nil
        }
        answer.head.headerFields[.date] = HTTPDate.text(now)
        count.increment()
        polls.note(poll.known, PollRun.Poll(at: now, microseconds: poll.start.microsecondsUntilNow))
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
