import Credentials
import Logging
import Measures
import MutualTLS
import ServiceLifecycle
import UnixSignals
import WebServer

/// Takes up new certificates on SIGHUP, without a connection being lost, and renews those that are about to expire.
struct CertificateKeeper: Service {
    let path: String
    let context: TLSServerContext
    let signing: SigningKeyRing
    let metrics: MetricsRegistry
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do {
                try reload()
            } catch {
                let reason = CommandFailure(explaining: error)?.message ?? "\(error)"
                logger.error("certificates not reloaded", metadata: ["ev": "reload", "reason": "\(reason)"])
            }
        }
    }

    private func reload() throws {
        let credentials = try VTNCredentials(path: path, now: SystemTime().now())
        try context.reload(
            identities: try credentials.identities(), clients: .required(try credentials.trustRoots()))
        try signing.reload(credentials)
        try measure(credentials)
        let fingerprints = try credentials.fingerprints()
        logger.notice(
            "certificates reloaded",
            metadata: ["ev": "reload", "rsa": "\(fingerprints.rsa)", "ec": "\(fingerprints.ec)"])
    }

    /// Publishes when each certificate ends.
    func measure(_ credentials: VTNCredentials) throws {
        for (name, summary) in try credentials.certificates() {
            metrics.set(
                "tls_certificate_not_after_seconds", help: "End of a certificate's validity, seconds since 1970.",
                labels: ["certificate": name], to: Double(summary.notAfter.secondsSinceEpoch))
        }
    }
}

/// Counts handshakes, and writes down those that failed.
struct HandshakeLog: Sendable {
    let metrics: MetricsRegistry
    let logger: Logger

    func saw(_ result: Result<TLSHandshakeCompleted, TLSFailure>, peer: String) {
        let outcome =
            switch result {
            case .success(let handshake): handshake.resumed ? "resumed" : "full"
            case .failure(let failure): failure.reason.rawValue
            }
        metrics.count("tls_handshakes_total", help: "TLS handshakes, by outcome.", labels: ["outcome": outcome])
        guard case .failure(let failure) = result else { return }
        logger.warning(
            "TLS connection refused",
            metadata: [
                "ev": "handshake", "reason": "\(failure.reason.rawValue)", "detail": "\(failure.detail)",
                "peer": "\(peer)",
            ])
    }
}
