import Crypto
import CryptoExtras
import X509

/// The kinds of key that the profile allows and OpenADR peers understand (rules 67 and 68).
public enum KeyType: String, Hashable, Sendable, CaseIterable {
    /// 2048 bits, for the suite AES128-SHA256.
    case rsa2048
    /// NIST P-256, for the suite ECDHE-ECDSA-AES128-SHA256.
    case p256

    /// The kind of a key that somebody else made.
    ///
    /// - Throws: ``CredentialError/refused(_:)`` for one that the profile does not allow (rule 68).
    init(of key: Certificate.PublicKey) throws {
        if P256.Signing.PublicKey(key) != nil {
            self = .p256
        } else if let rsa = _RSA.Signing.PublicKey(key), (2_048...4_096).contains(rsa.keySizeInBits) {
            self = .rsa2048
        } else {
            throw CredentialError.refused("a key is P-256, or RSA of 2048 to 4096 bits")
        }
    }

    /// A new key from the system's randomness; a tenth of a second and more for RSA.
    func makePrivateKey() throws -> Certificate.PrivateKey {
        switch self {
        case .rsa2048: Certificate.PrivateKey(try _RSA.Signing.PrivateKey(keySize: .bits2048))
        case .p256: Certificate.PrivateKey(P256.Signing.PrivateKey())
        }
    }
}
