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
