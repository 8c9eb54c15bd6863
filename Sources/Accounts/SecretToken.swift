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

/// RFC 4648, section 5, without padding.
public enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    public static func encode(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            word = word << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                output.append(alphabet[Int(word >> bits & 63)])
            }
        }
        if bits > 0 { output.append(alphabet[Int(word << (6 - bits) & 63)]) }
        return String(decoding: output, as: UTF8.self)
    }

    /// Nil for other characters, impossible lengths, and bits beyond the last byte.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var output: [UInt8] = []
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            word = (word << 6 | UInt32(value)) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                output.append(UInt8(truncatingIfNeeded: word >> bits))
            }
        }
        let rest = word & ((1 << bits) - 1)
        return bits < 6 && rest == 0 ? output : nil
    }
}
