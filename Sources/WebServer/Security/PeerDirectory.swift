import Synchronization
public import VirtualTopNode

/// What is known of each peer, looked up at most once in a while: a change takes effect within `lifetime`, on open
/// connections too.
public final class PeerDirectory: Sendable {
    /// Tells who a peer is, or why nobody can tell; on any thread, without blocking.
    public typealias LookUp =
        @Sendable (PeerIdentity, @escaping @Sendable (Result<PeerStanding, any Error>) -> Void) -> Void

    private struct Entry {
        let standing: PeerStanding
        let until: ContinuousClock.Instant
    }

    private struct State {
        var entries: [PeerIdentity: Entry] = [:]
        /// How often something was forgotten.
        var forgotten = 0
    }

    /// More peers than that are not remembered at once.
    private static let limit = 50_000

    private let lifetime: Duration
    private let lookUp: LookUp
    private let state = Mutex(State())

    public init(lifetime: Duration = .seconds(2), asking lookUp: @escaping LookUp) {
        self.lifetime = lifetime
        self.lookUp = lookUp
    }

    public convenience init(
        lifetime: Duration = .seconds(2), lookUp: @escaping @Sendable (PeerIdentity) async throws -> PeerStanding
    ) {
        self.init(lifetime: lifetime) { peer, then in
            Task {
                do {
                    then(.success(try await lookUp(peer)))
                } catch {
                    then(.failure(error))
                }
            }
        }
    }

    /// What is known without looking it up; nil when that is too old, or nothing.
    func remembered(_ peer: PeerIdentity) -> PeerStanding? {
        state.withLock { $0.entries[peer] }.flatMap { $0.until > .now ? $0.standing : nil }
    }

    /// Tells `then`, at once or later and on any thread, who the peer is. Most polls ask, and a task for each would cost more
    /// than what they ask for.
    func find(_ peer: PeerIdentity, then: @escaping @Sendable (Result<PeerStanding, any Error>) -> Void) {
        let now = ContinuousClock.now
        if let standing = remembered(peer) { return then(.success(standing)) }
        let forgotten = state.withLock(\.forgotten)
        lookUp(peer) { [self] found in
            if case .success(let standing) = found {
                // If somebody was forgotten, it may be this peer, and what was found of before.
                remember(peer, Entry(standing: standing, until: now + lifetime), unlessForgottenSince: forgotten)
            }
            then(found)
        }
    }

    private func remember(_ peer: PeerIdentity, _ entry: Entry, unlessForgottenSince forgotten: Int) {
        state.withLock { state in
            guard state.forgotten == forgotten else { return }
            if state.entries.count >= Self.limit { state.entries.removeAll() }
            state.entries[peer] = entry
        }
    }

    func standing(of peer: PeerIdentity) async throws -> PeerStanding {
        if let standing = remembered(peer) { return standing }
        return try await withCheckedThrowingContinuation { waiter in find(peer) { waiter.resume(with: $0) } }
    }

    /// What is known of the peer may have changed: it is looked up again at the next question.
    func forget(_ peer: PeerIdentity) {
        state.withLock { state in
            state.forgotten += 1
            state.entries[peer] = nil
        }
    }
}
