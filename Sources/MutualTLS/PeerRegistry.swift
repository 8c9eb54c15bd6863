public import NIOCore
import Synchronization

/// The certificate of the peer at the other end of `channel`, if a ``TLSHandler`` in it has completed its handshake and
/// the channel is open.
///
/// May be called from any thread; costs one uncontended lock and a dictionary look-up, where asking the pipeline would
/// cost a hop to the event loop and back.
public func peerCertificate(of channel: any Channel) -> PeerCertificate? {
    PeerRegistry.shared.certificate(of: channel)
}

/// Peer certificates by channel. A channel is in here only while its pipeline holds the handler that put it in, so its
/// identifier cannot have passed on to another object.
final class PeerRegistry: Sendable {
    static let shared = PeerRegistry()

    private let certificates = Mutex<[ObjectIdentifier: PeerCertificate]>([:])

    func insert(_ certificate: PeerCertificate, for channel: any Channel) {
        certificates.withLock { $0[ObjectIdentifier(channel)] = certificate }
    }

    func remove(_ channel: any Channel) {
        certificates.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    func certificate(of channel: any Channel) -> PeerCertificate? {
        certificates.withLock { $0[ObjectIdentifier(channel)] }
    }
}
