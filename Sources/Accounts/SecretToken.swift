import Crypto

/// 256 bits that nobody can guess, as cookies, links and programs carry them. Only the digest is ever stored.
public struct SecretToken: Hashable, Sendable {
    /// 43 characters of base64url.
    public let text: String

    public static let byteCount = 32

    /// - Parameter random: so many bytes that nobody can guess.
    public init(random: (Int) -> [UInt8]) {
        text = Base64URL.encode(random(Self.byteCount))
    }

    /// What a client sent; nil unless it has the form of a token.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 43, Base64URL.decode(text) != nil else { return nil }
        self.text = String(text)
    }

    /// SHA-256, 32 bytes.
    public var digest: [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// A value for one use that the holder of the token, and nobody else, can know, such as the token of a form.
    public func derived(for use: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(use.utf8), using: SymmetricKey(data: Array(text.utf8)))
        return Base64URL.encode(Array(code))
    }

    /// In a time that does not depend on where they differ.
    public static func areEqual(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
