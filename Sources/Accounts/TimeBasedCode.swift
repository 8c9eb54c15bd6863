import Crypto
public import Measures

/// The second factor: codes of six digits that change every 30 seconds (TOTP, RFC 6238 over RFC 4226, SHA-1 as every
/// authenticator app has it).
public struct TimeBasedCode: Sendable {
    public static let step = TimeSpan.seconds(30)
    public static let secretLength = 20

    private let key: SymmetricKey

    /// - Parameter secret: 20 bytes.
    public init(secret: [UInt8]) {
        key = SymmetricKey(data: secret)
    }

    /// The number of the step that an instant lies in.
    public static func counter(at now: Instant) -> Int64 {
        now.floored(to: step).secondsSinceEpoch / step.seconds
    }

    /// Six digits.
    public func code(counter: Int64) -> String {
        let message = (0..<8).map { UInt8(truncatingIfNeeded: counter >> (56 - 8 * $0)) }
        let digest = Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: key))
        let offset = Int(digest[19] & 15)
        let word = digest[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let digits = String(word % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// The step of the code when it is right: this one or its neighbours, for clocks that differ, and later than the one
    /// that was used last, as a code is good once. Nil for a wrong one.
    public func accept(_ code: String, at now: Instant, lastUsed: Int64?) -> Int64? {
        let current = Self.counter(at: now)
        return (current - 1...current + 1).first { counter in
            counter > lastUsed ?? .min && SecretToken.areEqual(self.code(counter: counter), code)
        }
    }

    /// What authenticator apps take: `otpauth://totp/...`.
    public static func address(secret: [UInt8], account: String, issuer: String) -> String {
        let account = percentEncoded(account)
        let issuer = percentEncoded(issuer)
        return "otpauth://totp/\(issuer):\(account)?secret=\(Base32.encode(secret))&issuer=\(issuer)"
    }

    private static func percentEncoded(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { result, byte in
            let scalar = Unicode.Scalar(byte)
            if byte < 0x80,
                scalar.properties.isAlphabetic || (0x30...0x39).contains(byte) || byte == 0x2E || byte == 0x2D
            {
                result.unicodeScalars.append(scalar)
            } else {
                result += "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
            }
        }
    }
}
