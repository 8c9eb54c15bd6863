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
        /// More peers than that are not remembered at once.
        private static let limit = 50_000
        var entries: [PeerIdentity: Entry] = [:]
        /// The latest look-up of each peer that has no answer yet, unless the peer was forgotten since it began.
        var searches: [PeerIdentity: Int] = [:]
        var searchCount = 0

        mutating func begin(_ peer: PeerIdentity) -> Int {
            searchCount += 1
            searches[peer] = searchCount
            return searchCount
        }

        mutating func end(_ search: Int, of peer: PeerIdentity, with entry: Entry?) {
            guard searches[peer] == search else { return }
            searches[peer] = nil
            if entries.count >= Self.limit { entries.removeAll() }
            entries[peer] = entry
        }
    }

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
        let search = state.withLock { $0.begin(peer) }
        lookUp(peer) { [self] found in
            let entry = (try? found.get()).map { Entry(standing: $0, until: now + lifetime) }
            state.withLock { $0.end(search, of: peer, with: entry) }
            then(found)
        }
    }

    func standing(of peer: PeerIdentity) async throws -> PeerStanding {
        if let standing = remembered(peer) { return standing }
        return try await withCheckedThrowingContinuation { waiter in find(peer) { waiter.resume(with: $0) } }
    }

    /// What is known of the peer may have changed: it is looked up again at the next question.
    func forget(_ peer: PeerIdentity) {
        state.withLock { state in
            state.searches[peer] = nil
            state.entries[peer] = nil
        }
    }
}
