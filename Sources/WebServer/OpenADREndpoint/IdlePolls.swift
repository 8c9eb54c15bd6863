import Measures
public import OpenADR
public import VirtualTopNode

/// What polls that bring nothing need of the world: whether that is so, and where they are logged.
public struct IdlePolls: Sendable {
    /// Tells whether anything waits for a VEN, as of now, or that nobody can tell; on any thread.
    public typealias Question = @Sendable (VENID, @escaping @Sendable (Result<Bool, any Error>) -> Void) -> Void

    /// Bytes of a poll; it says nothing but a venID, and one that is longer is full of something else.
    static let longest = 2_048

    let hasWaiting: Question
    private let journal: @Sendable (PollRun.Poll, VENID, CertificateDigest, IdleExchange) -> Void

    /// - Parameters:
    ///   - hasWaiting: must not block.
    ///   - journal: Takes every poll that brought nothing; must not block.
    public init(
        hasWaiting: @escaping Question,
        journal: @escaping @Sendable (PollRun.Poll, VENID, CertificateDigest, IdleExchange) -> Void
    ) {
        self.hasWaiting = hasWaiting
        self.journal = journal
    }

    func note(_ exchange: IdleExchange, of venID: VENID, _ peer: PeerIdentity, _ poll: PollRun.Poll) {
        journal(poll, venID, peer.certificate, exchange)
    }

    /// Logs what the responder answered, if it was a plain poll that brought nothing.
    ///
    /// - Returns: whether it was.
    func note(_ trace: WireTrace, of peer: PeerIdentity, at now: Instant) -> Bool {
        guard !trace.isSigned, trace.warnings.isEmpty, case .sound(.poll(let poll))? = trace.message,
            case .response(let answer)? = trace.answer, answer.response.code == .success,
            answer.response.requestID == .empty, poll.venID == trace.venID, trace.received.count <= Self.longest
        else { return false }
        let exchange = IdleExchange(poll: trace.received, answer: trace.sent)
        note(exchange, of: poll.venID, peer, PollRun.Poll(at: now, microseconds: trace.microseconds))
        return true
    }
}
