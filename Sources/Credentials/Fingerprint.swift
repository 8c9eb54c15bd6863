import Crypto

/// The OpenADR fingerprint of a certificate: the last ten bytes of the SHA-256 over its DER form (profile
/// specification, section 10; rule 516 names certificates by it).
///
/// Ten bytes name a certificate to people. They do not prove identity: bind a VEN to the full SHA-256.
public struct Fingerprint: Hashable, Sendable {
    /// Ten bytes, in the order of the digest.
    public let bytes: [UInt8]

    /// The fingerprint of a certificate in DER form.
    public init(certificateDER: [UInt8]) {
        self.init(tailOf: Array(SHA256.hash(data: certificateDER)))
    }

    /// Reads what people write: ten bytes, or the 32 of a whole SHA-256 of which the last ten count, as hex digits of
    /// either case with or without colons and blanks. Anything else is nil.
    public init?(_ text: some StringProtocol) {
        var digits: [UInt8] = []
        for character in text where character != ":" && !character.isWhitespace {
            guard character.isASCII, let digit = character.hexDigitValue else { return nil }
            digits.append(UInt8(digit))
        }
        guard digits.count == 20 || digits.count == 64 else { return nil }
        self.init(tailOf: stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }

    private init(tailOf digest: [UInt8]) {
        bytes = Array(digest.suffix(10))
    }
}

/// Upper-case hex pairs joined by colons: 29 characters.
extension Fingerprint: CustomStringConvertible {
    public var description: String {
        bytes.map { byte in
            let pair = String(byte, radix: 16, uppercase: true)
            return pair.count == 1 ? "0\(pair)" : pair
        }.joined(separator: ":")
    }
}
