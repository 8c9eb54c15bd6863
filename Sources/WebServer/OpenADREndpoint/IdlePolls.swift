public import OpenADR
public import VirtualTopNode

/// Answers polls for which nothing waits without reading again what was read before.
public struct IdlePolls: Sendable {
    /// Tells whether anything waits for a VEN, as of now, or that nobody can tell; on any thread.
    public typealias Question = @Sendable (VENID, @escaping @Sendable (Result<Bool, any Error>) -> Void) -> Void

    private let polls = KnownPolls()
    let hasWaiting: Question
    private let journal: @Sendable (PollRun.Poll, VENID, CertificateDigest, IdleExchange) -> Void

    /// - Parameters:
    ///   - hasWaiting: must not block.
    ///   - journal: Takes every poll that was answered so; must not block.
    public init(
        hasWaiting: @escaping Question,
        journal: @escaping @Sendable (PollRun.Poll, VENID, CertificateDigest, IdleExchange) -> Void
    ) {
        self.hasWaiting = hasWaiting
        self.journal = journal
    }

    /// The last poll of the peer that brought nothing.
    func known(of peer: PeerIdentity) -> KnownPolls.Known? { polls.look(peer) }

    func note(_ known: KnownPolls.Known, _ poll: PollRun.Poll) {
        journal(poll, known.venID, known.peer.certificate, known.exchange)
    }

    /// Remembers a poll that brought nothing; anything else may have changed what its sender's polls mean.
    ///
    /// - Returns: the poll.
    func learn(_ trace: WireTrace, of peer: PeerIdentity) -> KnownPolls.Known? {
        guard !trace.isSigned, trace.warnings.isEmpty, case .sound(.poll(let poll))? = trace.message,
            case .response(let answer)? = trace.answer, answer.response.code == .success,
            answer.response.requestID == .empty, poll.venID == trace.venID, trace.received.count <= KnownPolls.longest
        else {
            polls.forget(peer)
            return nil
        }
        let exchange = IdleExchange(poll: trace.received, answer: trace.sent)
        let known = KnownPolls.Known(peer: peer, venID: poll.venID, exchange: exchange)
        polls.remember(known)
        return known
    }
}
