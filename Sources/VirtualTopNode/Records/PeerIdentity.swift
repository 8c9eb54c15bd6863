/// Who sent a message: the client certificate of the connection, never what the payload says (clause 10, rule 517).
public struct PeerIdentity: Hashable, Sendable {
    public let certificate: CertificateDigest

    public init(certificate: CertificateDigest) {
        self.certificate = certificate
    }

    /// The OpenADR fingerprint of the certificate, as people read it to each other.
    public var fingerprint: String { certificate.fingerprint }
}

/// SHA-256 over the DER form of a certificate: 32 bytes.
public struct CertificateDigest: Hashable, Sendable {
    public let bytes: [UInt8]

    /// A digest is as even as a hash: its first bytes are enough to tell where to look.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    /// Nil unless there are exactly 32 bytes.
    public init?(bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Reads 64 hexadecimal digits of either case; colons and blanks between them are skipped.
    public init?(hexadecimal text: some StringProtocol) {
        var nibbles: [UInt8] = []
        for character in text where character != ":" && character != " " {
            guard let nibble = character.hexDigitValue, character.isASCII else { return nil }
            nibbles.append(UInt8(nibble))
        }
        guard nibbles.count == 64 else { return nil }
        bytes = stride(from: 0, to: 64, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
    }

    /// 64 lower-case hexadecimal digits.
    public var hexadecimal: String {
        bytes.map { Self.hexadecimal($0, digits: "0123456789abcdef") }.joined()
    }

    /// The last ten bytes as upper-case pairs joined by colons: 29 characters (clause 10.5.1).
    public var fingerprint: String {
        bytes.suffix(10).map { Self.hexadecimal($0, digits: "0123456789ABCDEF") }.joined(separator: ":")
    }

    private static func hexadecimal(_ byte: UInt8, digits: String) -> String {
        let digits = Array(digits)
        return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    }
}
