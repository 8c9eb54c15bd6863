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
        let venID: VENID
        let exchange: IdleExchange
    }

    /// More are not remembered at once.
    private static let limit = 50_000

    private let known = Mutex<[PeerIdentity: Known]>([:])

    /// What is known of a poll with these bytes.
    func look(_ bytes: [UInt8], of peer: PeerIdentity) -> Known? {
        known.withLock { $0[peer] }.flatMap { $0.exchange.poll == bytes ? $0 : nil }
    }

    func remember(_ poll: Known, of peer: PeerIdentity) {
        known.withLock { known in
            if known.count >= Self.limit { known.removeAll() }
            known[peer] = poll
        }
    }

    func forget(_ peer: PeerIdentity) {
        known.withLock { _ = $0.removeValue(forKey: peer) }
    }
}
