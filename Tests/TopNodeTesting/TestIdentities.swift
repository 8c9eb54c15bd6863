import Synchronization
public import VirtualTopNode

extension CertificateDigest {
    /// A certificate that differs from those of other numbers.
    public static func numbered(_ number: UInt8) -> CertificateDigest {
        guard let digest = CertificateDigest(bytes: Array(repeating: number, count: 32)) else {
            preconditionFailure("32 bytes are a digest")
        }
        return digest
    }
}

extension PeerIdentity {
    public static func numbered(_ number: UInt8) -> PeerIdentity {
        PeerIdentity(certificate: .numbered(number))
    }
}

extension TopNodeEnvironment {
    /// Gives `id-1`, `id-2`, ….
    public static func counting(prefix: String = "id-") -> TopNodeEnvironment {
        let count = Counter()
        return TopNodeEnvironment { "\(prefix)\(count.next())" }
    }
}

private final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
