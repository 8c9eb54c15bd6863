import SwiftASN1
import X509

/// A certificate with the private key that was made for it.
public struct IssuedCertificate: Hashable, Sendable {
    public let signed: SignedCertificate
    /// PKCS #8 or PKCS #1, without passphrase.
    public let privateKeyPEM: String

    public var certificatePEM: String { signed.certificatePEM }
    public var chainPEM: String { signed.chainPEM }
    public var derSHA256: [UInt8] { signed.derSHA256 }
    public var openADRFingerprint: Fingerprint { signed.openADRFingerprint }

    init(_ signed: SignedCertificate, privateKey: Certificate.PrivateKey) throws {
        self.signed = signed
        privateKeyPEM = try privateKey.serializeAsPEM().pemString + "\n"
    }
}
