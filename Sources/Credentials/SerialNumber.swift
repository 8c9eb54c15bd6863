/// The serial number of a certificate: positive, 9 to 20 bytes (RFC 5280, 4.1.2.2), 64 random bits or more.
public struct SerialNumber: Hashable, Sendable {
    /// Big-endian, first byte from 0x40 to 0x7f: positive, and as long as it was asked to be.
    public let bytes: [UInt8]

    /// Takes random bytes; the two top bits are overwritten. Throws ``CredentialError/refused(_:)`` unless there are 9
    /// to 20 of them, so that 64 random bits and more are left.
    public init(randomBytes: [UInt8]) throws(CredentialError) {
        guard (9...20).contains(randomBytes.count) else {
            throw .refused("a serial number takes 9 to 20 random bytes, not \(randomBytes.count)")
        }
        bytes = [randomBytes[0] & 0x3f | 0x40] + randomBytes.dropFirst()
    }

    /// Sixteen bytes from the generator.
    public init(using generator: inout some RandomNumberGenerator) {
        let random = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        bytes = [random[0] & 0x3f | 0x40] + random.dropFirst()
    }
}
