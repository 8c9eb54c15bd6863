import Synchronization
import XMLSignatures

/// The VTN's keys for XML signatures, one RSA and one EC, which a reload replaces.
final class SigningKeyRing: Sendable {
    private let keys: Mutex<[SigningKey]>

    init(_ credentials: VTNCredentials) throws {
        keys = Mutex(try Self.read(credentials))
    }

    var current: [SigningKey] { keys.withLock { $0 } }

    func reload(_ credentials: VTNCredentials) throws {
        let new = try Self.read(credentials)
        keys.withLock { $0 = new }
    }

    private static func read(_ credentials: VTNCredentials) throws -> [SigningKey] {
        try credentials.serverTexts().map {
            try SigningKey(certificatePEM: $0.certificatePEM, privateKeyPEM: $0.privateKeyPEM)
        }
    }
}
