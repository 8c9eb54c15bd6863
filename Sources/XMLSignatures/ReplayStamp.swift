public import Measures

/// `dsp:ReplayProtect`: when a message was signed, and a number that no other message of the sender has (rule 514).
public struct ReplayStamp: Hashable, Sendable {
    public let timestamp: Instant
    /// 1 to 128 characters.
    public let nonce: String

    /// - Parameter nonce: letters, digits and `-`, never used before with the same key.
    public init(timestamp: Instant, nonce: String) {
        self.timestamp = timestamp
        self.nonce = nonce
    }
}

/// What a good signature proves.
public struct VerifiedSignature: Hashable, Sendable {
    public let stamp: ReplayStamp
    public let algorithm: SigningKey.Algorithm
    /// The certificate whose key signed, in DER form.
    public let certificate: [UInt8]
}
