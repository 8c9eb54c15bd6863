/// Why a TLS connection ended before its time.
public struct TLSFailure: Error, Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable {
        /// The client sent no certificate.
        case noPeerCertificate = "no_peer_certificate"
        /// The peer's certificate is expired or not yet valid (rule 516).
        case peerCertificateExpired = "peer_certificate_expired"
        /// The peer's certificate has another fault: foreign authority, wrong purpose, wrong name.
        case peerCertificateRefused = "peer_certificate_refused"
        /// The peer's certificate is sound but not the pinned one.
        case fingerprintMismatch = "fingerprint_mismatch"
        /// The two sides share no version or cipher suite.
        case nothingInCommon = "nothing_in_common"
        /// The other side sent an alert.
        case alertReceived = "alert_received"
        /// Bytes that are not TLS, or break its rules.
        case protocolViolation = "protocol_violation"
        /// The handshake took too long.
        case handshakeTimeout = "handshake_timeout"
        /// It was never this connection's turn to shake hands.
        case noTurn = "no_turn"
        /// The connection ended within the handshake.
        case closedInHandshake = "closed_in_handshake"
        /// The connection to a server ended without its close_notify: what came last may have been cut off by anybody
        /// on the way. Clients that end so are common and harmless, so a listener does not report them.
        case truncated
    }

    /// Its raw value is a stable label for a metric.
    public let reason: Reason
    /// OpenSSL's own words, for a log.
    public let detail: String

    init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
}

extension TLSFailure: CustomStringConvertible {
    public var description: String { "TLS: \(reason.rawValue) (\(detail))" }
}
