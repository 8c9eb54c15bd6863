public import Logging
import MutualTLS
import NIOCore
import VirtualTopNode

/// Which of a listener's connections may stay: those of certificates that are not revoked, a few of each, that are used.
public struct ConnectionWatch: Sendable {
    typealias Admission = @Sendable (TLSHandshakeCompleted, any Channel) -> Bool

    private let table: ConnectionTable
    private let metrics: MetricsRegistry
    private let logger: Logger
    let turns = HandshakeTurns()
    var limits = SlowPeerHandler.Limits()

    public init(table: ConnectionTable, metrics: MetricsRegistry, logger: Logger) {
        self.table = table
        self.metrics = metrics
        self.logger = logger
    }

    /// Whether a connection may stay after its handshake.
    @Sendable func admit(_ handshake: TLSHandshakeCompleted, _ channel: any Channel) -> Bool {
        guard let peer = handshake.peer, let digest = CertificateDigest(bytes: peer.sha256),
            let refusal = table.admit(channel, of: PeerIdentity(certificate: digest))
        else { return true }
        note(refusal.rawValue, digest.fingerprint)
        return false
    }

    @Sendable func sawSlowPeer(_ fault: SlowPeerHandler.Fault) {
        note(fault.rawValue, "")
    }

    /// A request that is no HTTP.
    @Sendable func sawFault(_ fault: HTTPFaultHandler.Fault) {
        metrics.countRejection(fault.rawValue)
        logger.warning(
            "request refused",
            metadata: [
                "ev": "reject", "reason": "\(fault.rawValue)", "detail": "the request is no HTTP that is served",
            ])
    }

    private func note(_ reason: String, _ fingerprint: String) {
        metrics.count(
            "vtn_connections_closed_total", help: "Connections that the VTN ended, by reason.",
            labels: ["reason": reason])
        logger.warning(
            "connection ended", metadata: ["ev": "connection", "reason": "\(reason)", "fingerprint": "\(fingerprint)"])
    }
}
