import Crypto
import SwiftASN1
import X509

/// A certificate with the private key that was made for it.
public struct IssuedCertificate: Hashable, Sendable {
    public let certificatePEM: String
    /// What a TLS peer sends: the certificate, then the issuer's unless that is a root, which the other side holds.
    public let chainPEM: String
    /// PKCS #8 or PKCS #1, without passphrase.
    public let privateKeyPEM: String
    /// The SHA-256 over the DER form, 32 bytes: the identity to which a VEN is bound.
    public let derSHA256: [UInt8]
    public let openADRFingerprint: Fingerprint

    init(certificate: Certificate, privateKey: Certificate.PrivateKey, intermediatePEM: String) throws {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        certificatePEM = try certificate.serializeAsPEM().pemString + "\n"
        chainPEM = certificatePEM + intermediatePEM
        privateKeyPEM = try privateKey.serializeAsPEM().pemString + "\n"
        derSHA256 = Array(SHA256.hash(data: serializer.serializedBytes))
        openADRFingerprint = Fingerprint(certificateDER: serializer.serializedBytes)
    }
}
