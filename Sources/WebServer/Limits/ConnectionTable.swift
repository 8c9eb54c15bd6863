import NIOCore
import Synchronization
public import VirtualTopNode

/// The connections that shook hands, by certificate: how many each may have, and which certificates may have none any
/// more.
public final class ConnectionTable: Sendable {
    private struct State {
        var connections: [PeerIdentity: [ObjectIdentifier: any Channel]] = [:]
        var revoked: Set<CertificateDigest> = []
    }

    /// Why a connection ends after its handshake.
    public enum Refusal: String, Sendable {
        case revoked
        case tooMany = "too_many_connections"
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: Connections of one certificate.
    public init(limit: Int = 8) {
        self.limit = limit
    }

    /// Enters a connection until it closes; nil when it may stay.
    func admit(_ channel: any Channel, of peer: PeerIdentity) -> Refusal? {
        let refusal: Refusal? = state.withLock { state in
            if state.revoked.contains(peer.certificate) { return .revoked }
            let open = state.connections[peer, default: [:]]
            guard open.count < limit else { return .tooMany }
            state.connections[peer, default: [:]][ObjectIdentifier(channel)] = channel
            return nil
        }
        if refusal == nil {
            let id = ObjectIdentifier(channel)
            channel.closeFuture.whenComplete { [weak self] _ in self?.remove(id, of: peer) }
        }
        return refusal
    }

    private func remove(_ id: ObjectIdentifier, of peer: PeerIdentity) {
        state.withLock { state in
            state.connections[peer]?.removeValue(forKey: id)
            if state.connections[peer]?.isEmpty == true { state.connections.removeValue(forKey: peer) }
        }
    }

    /// From now on these certificates, and no others, are revoked: their connections end, and no new one is kept.
    ///
    /// - Returns: how many connections were ended.
    @discardableResult
    public func revoke(_ certificates: Set<CertificateDigest>) -> Int {
        let ended = state.withLock { state in
            state.revoked = certificates
            return state.connections.filter { certificates.contains($0.key.certificate) }.flatMap(\.value.values)
        }
        for channel in ended { channel.close(promise: nil) }
        return ended.count
    }

    func isRevoked(_ peer: PeerIdentity) -> Bool {
        state.withLock { $0.revoked.contains(peer.certificate) }
    }

    /// How many connections are open.
    public var count: Int { state.withLock { $0.connections.values.reduce(0) { $0 + $1.count } } }
}
