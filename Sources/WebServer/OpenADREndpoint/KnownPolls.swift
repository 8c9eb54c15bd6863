import OpenADR
import Synchronization
import VirtualTopNode

/// The polls that were read, found good, and brought nothing, with the answers to them, one for each certificate. The same
/// bytes of the same VEN mean the same again: they need not be parsed, checked against the schema and encoded once more.
///
/// What is not a matter of the bytes is asked for every poll: whose certificate it is, how it may speak, whether it polls too
/// often, and whether anything waits for it.
final class KnownPolls: Sendable {
    struct Known: Sendable {
        let peer: PeerIdentity
        let venID: VENID
        let exchange: IdleExchange
    }

    /// Bytes of a poll; it says nothing but a venID, and one that is longer is full of something else.
    static let longest = 2_048

    /// More are not remembered at once.
    private static let limit = 50_000

    private let known = Mutex<[PeerIdentity: Known]>([:])

    func look(_ peer: PeerIdentity) -> Known? { known.withLock { $0[peer] } }

    func remember(_ poll: Known) {
        known.withLock { known in
            if known.count >= Self.limit { known.removeAll() }
            known[poll.peer] = poll
        }
    }

    func forget(_ peer: PeerIdentity) {
        known.withLock { _ = $0.removeValue(forKey: peer) }
    }
}
