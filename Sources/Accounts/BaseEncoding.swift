/// Bytes as text, a few bits for each character (RFC 4648), without padding.
private enum BitGroups {
    /// - Parameters:
    ///   - width: bits for each character, 8 at most.
    ///   - alphabet: two to the power of `width` characters.
    static func text(_ bytes: [UInt8], width: UInt32, _ alphabet: [UInt8]) -> String {
        let mask = (UInt32(1) << width) - 1
        var output: [UInt8] = []
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            word = word << 8 | UInt32(byte)
            bits += 8
            while bits >= width {
                bits -= width
                output.append(alphabet[Int(word >> bits & mask)])
            }
        }
        if bits > 0 { output.append(alphabet[Int(word << (width - bits) & mask)]) }
        return String(decoding: output, as: UTF8.self)
    }
}

/// RFC 4648, section 6, without padding.
public enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    public static func encode(_ bytes: [UInt8]) -> String { BitGroups.text(bytes, width: 5, alphabet) }
}

/// RFC 4648, section 5, without padding.
public enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    public static func encode(_ bytes: [UInt8]) -> String { BitGroups.text(bytes, width: 6, alphabet) }

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
