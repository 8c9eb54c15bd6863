import Crypto
import CryptoExtras
import X509

/// The kinds of key that the profile allows and OpenADR peers understand (rules 67 and 68).
public enum KeyType: String, Hashable, Sendable, CaseIterable {
    /// 2048 bits, for the suite AES128-SHA256.
    case rsa2048
    /// NIST P-256, for the suite ECDHE-ECDSA-AES128-SHA256.
    case p256

    /// A new key from the system's randomness; a tenth of a second and more for RSA.
    func makePrivateKey() throws -> Certificate.PrivateKey {
        switch self {
        case .rsa2048: Certificate.PrivateKey(try _RSA.Signing.PrivateKey(keySize: .bits2048))
        case .p256: Certificate.PrivateKey(P256.Signing.PrivateKey())
        }
    }
}
