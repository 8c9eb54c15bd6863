/// The user event that a ``TLSHandler`` fires up its pipeline, before the first decrypted byte.
public struct TLSHandshakeCompleted: Hashable, Sendable {
    /// Nil only on a listener that does not require client certificates.
    public let peer: PeerCertificate?
    /// In OpenSSL's names, such as `ECDHE-ECDSA-AES128-SHA256`.
    public let cipher: String
    /// `TLSv1.2` or `TLSv1.3`.
    public let version: String
    /// Whether an earlier session was taken up instead of a full handshake.
    public let resumed: Bool
}

extension TLSHandshakeCompleted {
    /// Refuses what OpenSSL does not look at: a fingerprint other than the pinned one, and a certificate that has
    /// expired since the session which is now resumed began (rule 516).
    ///
    /// - Parameter now: Seconds since 1970-01-01T00:00:00Z.
    func objection(fingerprints: Set<String>?, now: Int64) -> TLSFailure? {
        let found = peer?.openADRFingerprint ?? "none"
        if let fingerprints, !fingerprints.contains(found) {
            let expected = fingerprints.sorted().joined(separator: " or ")
            return TLSFailure(.fingerprintMismatch, "expected \(expected), found \(found)")
        }
        if resumed, let peer, peer.notAfter < now {
            return TLSFailure(.peerCertificateExpired, "certificate of a resumed session has expired")
        }
        return nil
    }
}
