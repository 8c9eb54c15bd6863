import Crypto
import Measures
import VirtualTopNode
public import XMLSignatures

/// The high security level of pushes (rule 514): the VTN's signature under what it sends, and the VEN's under its answer.
public struct PushSigning: Sendable {
    private let keys: @Sendable () -> [SigningKey]
    private let makeNonce: @Sendable () -> String

    /// - Parameters:
    ///   - keys: the VTN's own; the EC one signs, as it is the one that the VEN sees in the handshake of a push.
    ///   - makeNonce: letters, digits and `-`, never the same twice.
    public init(keys: @escaping @Sendable () -> [SigningKey], makeNonce: @escaping @Sendable () -> String) {
        self.keys = keys
        self.makeNonce = makeNonce
    }

    func sign(_ message: [UInt8], now: Instant) throws(SignatureFailure) -> [UInt8] {
        let keys = keys()
        guard let key = keys.first(where: { $0.algorithm == .ecdsaSHA256 }) ?? keys.first else {
            throw SignatureFailure(.unavailable, "the VTN has no key to sign with")
        }
        return try XMLSignature.sign(message, with: key, stamp: ReplayStamp(timestamp: now, nonce: makeNonce()))
    }

    /// Throws unless the answer is signed with the certificate that the VEN was admitted with, and lately.
    func check(
        _ answer: [UInt8], of certificate: CertificateDigest, settings: WireSettings, now: Instant
    ) throws(SignatureFailure) {
        let proof = try XMLSignature.verify(answer) { Array(SHA256.hash(data: $0)) == certificate.bytes }
        guard abs((proof.stamp.timestamp - now).seconds) <= settings.clockSkew.seconds else {
            throw SignatureFailure(.invalid, "the signature's time is too far from now")
        }
    }
}
