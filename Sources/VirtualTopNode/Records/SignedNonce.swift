public import Measures

/// What makes a signed message known again.
public struct SignedNonce: Hashable, Sendable {
    public let certificate: CertificateDigest
    /// Of ReplayProtect: 1 to 128 characters.
    public let nonce: String
    /// SHA-256 of the whole message.
    public let digest: CertificateDigest
    /// From then on the message's own timestamp refuses it.
    public let expiresAt: Instant

    public init(certificate: CertificateDigest, nonce: String, digest: CertificateDigest, expiresAt: Instant) {
        self.certificate = certificate
        self.nonce = nonce
        self.digest = digest
        self.expiresAt = expiresAt
    }
}

/// Remembers signed messages, durably: a restart, or another replica, must not forget one within its window (rule 514).
public protocol NonceBook: Sendable {
    /// Enters a nonce, or says what is known of it. Of two calls with the same nonce, one finds it new.
    func enter(_ nonce: SignedNonce) async throws -> NonceVerdict
    /// Keeps what was answered, for a sender who did not get it.
    func keep(_ answer: [UInt8], for nonce: SignedNonce) async throws
}

public enum NonceVerdict: Hashable, Sendable {
    case new
    /// The same message again; its answer, when there is one already.
    case repeated(answer: [UInt8]?)
    /// Another message with the same nonce: a replay.
    case misused
}
