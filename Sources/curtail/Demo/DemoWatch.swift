import MutualTLS
import Synchronization

/// Counts who has shaken hands with the VTN: proof that the VENs are separate TLS clients.
final class DemoWatch: Sendable {
    private struct State {
        var certificates: Set<[UInt8]> = []
        var handshakes = 0
    }

    private let state = Mutex(State())

    func saw(_ result: Result<TLSHandshakeCompleted, TLSFailure>) {
        guard case .success(let handshake) = result, let peer = handshake.peer else { return }
        state.withLock { state in
            state.handshakes += 1
            state.certificates.insert(peer.sha256)
        }
    }

    /// Different client certificates, and completed handshakes.
    var counts: (certificates: Int, handshakes: Int) {
        state.withLock { ($0.certificates.count, $0.handshakes) }
    }
}
