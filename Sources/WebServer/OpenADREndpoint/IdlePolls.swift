public import OpenADR
public import VirtualTopNode

/// Answers polls for which nothing waits without reading again what was read before.
public struct IdlePolls: Sendable {
    private let known = KnownPolls()
    private let hasWaiting: @Sendable (VENID) async throws -> Bool
    private let journal: @Sendable (PollRun.Poll, VENID, CertificateDigest, IdleExchange) -> Void

    /// - Parameters:
    ///   - hasWaiting: Whether anything waits for a VEN, as of now.
    ///   - journal: Takes every poll that was answered so; must not block.
    public init(
        hasWaiting: @escaping @Sendable (VENID) async throws -> Bool,
        journal: @escaping @Sendable (PollRun.Poll, VENID, CertificateDigest, IdleExchange) -> Void
    ) {
        self.hasWaiting = hasWaiting
        self.journal = journal
    }

    /// The answer to a poll that is known and brings nothing; nil for anything else.
    func answer(to body: [UInt8], of peer: PeerIdentity, _ standing: PeerStanding) async throws -> IdleExchange? {
        guard standing.isPolling, standing.settings.signatures == .optional, let known = known.look(body, of: peer),
            known.venID == standing.venID, try await !hasWaiting(known.venID)
        else { return nil }
        return known.exchange
    }

    func note(_ exchange: IdleExchange, of peer: PeerIdentity, _ venID: VENID, _ poll: PollRun.Poll) {
        journal(poll, venID, peer.certificate, exchange)
    }

    /// Remembers a poll that brought nothing; anything else may have changed what its sender's polls mean.
    func learn(_ trace: WireTrace, of peer: PeerIdentity, isUnsigned: Bool) {
        guard isUnsigned, trace.warnings.isEmpty, case .sound(.poll(let poll))? = trace.message,
            case .response(let answer)? = trace.answer, answer.response.code == .success, poll.venID == trace.venID
        else { return known.forget(peer) }
        known.remember(
            .init(venID: poll.venID, exchange: IdleExchange(poll: trace.received, answer: trace.sent)), of: peer)
    }
}
