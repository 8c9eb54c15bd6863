import Synchronization
public import VirtualTopNode

/// What is known of each peer, looked up at most once in a while: a change takes effect within `lifetime`, on open
/// connections too.
public final class PeerDirectory: Sendable {
    private struct Entry {
        let standing: PeerStanding
        let until: ContinuousClock.Instant
    }

    /// More peers than that are not remembered at once.
    private static let limit = 50_000

    private let lifetime: Duration
    private let lookUp: @Sendable (PeerIdentity) async throws -> PeerStanding
    private struct State {
        var entries: [PeerIdentity: Entry] = [:]
        /// How often something was forgotten.
        var forgotten = 0
    }

    private let state = Mutex(State())

    public init(
        lifetime: Duration = .seconds(2), lookUp: @escaping @Sendable (PeerIdentity) async throws -> PeerStanding
    ) {
        self.lifetime = lifetime
        self.lookUp = lookUp
    }

    /// What is known without looking it up; nil when that is too old, or nothing.
    func remembered(_ peer: PeerIdentity) -> PeerStanding? {
        state.withLock { $0.entries[peer] }.flatMap { $0.until > .now ? $0.standing : nil }
    }

    func standing(of peer: PeerIdentity) async throws -> PeerStanding {
        let now = ContinuousClock.now
        if let standing = remembered(peer) { return standing }
        let forgotten = state.withLock(\.forgotten)
        let standing = try await lookUp(peer)
        state.withLock { state in
            // It may be this peer's, and what was found of before.
            guard state.forgotten == forgotten else { return }
            if state.entries.count >= Self.limit { state.entries.removeAll() }
            state.entries[peer] = Entry(standing: standing, until: now + lifetime)
        }
        return standing
    }

    /// What is known of the peer may have changed: it is looked up again at the next question.
    func forget(_ peer: PeerIdentity) {
        state.withLock { state in
            state.forgotten += 1
            state.entries[peer] = nil
        }
    }
}
