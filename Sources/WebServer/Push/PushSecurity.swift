import Crypto
import Measures
import VirtualTopNode
public import XMLSignatures

/// The high security level of pushes: what goes to a VEN that signs is signed, and what it answers has to be (rule 514).
public struct PushSecurity: Sendable {
    private let keys: @Sendable () -> [SigningKey]
    private let directory: PeerDirectory
    private let makeNonce: @Sendable () -> String

    /// - Parameters:
    ///   - keys: the VTN's own, the one to sign with last; at least one.
    ///   - directory: which VENs sign.
    ///   - makeNonce: letters, digits and `-`, never the same twice.
    public init(
        keys: @escaping @Sendable () -> [SigningKey], directory: PeerDirectory,
        makeNonce: @escaping @Sendable () -> String
    ) {
        self.keys = keys
        self.directory = directory
        self.makeNonce = makeNonce
    }

    /// The message as it goes out to the VEN of the certificate.
    func seal(_ message: [UInt8], for peer: PeerIdentity, now: Instant) async throws -> [UInt8] {
        guard try await directory.standing(of: peer).settings.signatures == .required, let key = keys().last else {
            return message
        }
        return try XMLSignature.sign(message, with: key, stamp: ReplayStamp(timestamp: now, nonce: makeNonce()))
    }

    /// Throws for an answer that a VEN which signs has not signed, or not now. It came over a connection to this VEN alone,
    /// as the answer to a message of this moment, so that its nonce says nothing more.
    func check(_ answer: [UInt8], from peer: PeerIdentity, now: Instant) async throws {
        let settings = try await directory.standing(of: peer).settings
        guard settings.signatures == .required else { return }
        let proof = try XMLSignature.verify(answer) { Array(SHA256.hash(data: $0)) == peer.certificate.bytes }
        guard abs((proof.stamp.timestamp - now).seconds) <= settings.clockSkew.seconds else {
            throw SkewedAnswer(timestamp: proof.stamp.timestamp)
        }
    }
}

/// An answer that was not signed now.
private struct SkewedAnswer: Error {
    let timestamp: Instant
}
