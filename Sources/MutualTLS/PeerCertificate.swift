/// The certificate with which the other side proved who it is; its chain has been verified.
public struct PeerCertificate: Hashable, Sendable {
    /// The certificate in DER form.
    public let der: [UInt8]
    /// SHA-256 over ``der``: 32 bytes, the identity to which a VEN is bound.
    public let sha256: [UInt8]
    /// The subject's common name, if there is one.
    public let commonName: String?
    /// The last second of validity, in seconds since 1970-01-01T00:00:00Z.
    public let notAfter: Int64

    /// The OpenADR fingerprint: the last ten bytes of ``sha256`` as upper-case hex pairs joined by colons.
    public var openADRFingerprint: String {
        hexPairs(sha256.suffix(10))
    }
}

/// Upper-case hex pairs joined by colons.
func hexPairs(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
        let pair = String(byte, radix: 16, uppercase: true)
        return pair.count == 1 ? "0\(pair)" : pair
    }.joined(separator: ":")
}
