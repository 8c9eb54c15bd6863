import Crypto
import SwiftASN1
import X509

/// A certificate of an authority, without the key: that is with whom it was signed for.
public struct SignedCertificate: Hashable, Sendable {
    public let certificatePEM: String
    /// What a TLS peer sends: the certificate, then the issuer's unless that is a root, which the other side holds.
    public let chainPEM: String
    /// The SHA-256 over the DER form, 32 bytes: the identity to which a VEN is bound.
    public let derSHA256: [UInt8]
    public let openADRFingerprint: Fingerprint

    init(certificate: Certificate, intermediatePEM: String) throws {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        certificatePEM = try certificate.serializeAsPEM().pemString + "\n"
        chainPEM = certificatePEM + intermediatePEM
        derSHA256 = Array(SHA256.hash(data: serializer.serializedBytes))
        openADRFingerprint = Fingerprint(certificateDER: serializer.serializedBytes)
    }
}
