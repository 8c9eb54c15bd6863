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
    private let entries = Mutex<[PeerIdentity: Entry]>([:])

    public init(
        lifetime: Duration = .seconds(2), lookUp: @escaping @Sendable (PeerIdentity) async throws -> PeerStanding
    ) {
        self.lifetime = lifetime
        self.lookUp = lookUp
    }

    /// What is known without looking it up; nil when that is too old, or nothing.
    func remembered(_ peer: PeerIdentity) -> PeerStanding? {
        entries.withLock { $0[peer] }.flatMap { $0.until > .now ? $0.standing : nil }
    }

    func standing(of peer: PeerIdentity) async throws -> PeerStanding {
        let now = ContinuousClock.now
        if let standing = remembered(peer) { return standing }
        let standing = try await lookUp(peer)
        entries.withLock { entries in
            if entries.count >= Self.limit { entries.removeAll() }
            entries[peer] = Entry(standing: standing, until: now + lifetime)
        }
        return standing
    }
}
