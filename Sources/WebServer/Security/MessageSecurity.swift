import Crypto
import HTTPTypes
import Measures
public import NIOCore
import OpenADR
public import VirtualTopNode
public import XMLSignatures

/// The high security level at the VTN's door: who has to sign, whether a signature is good and new, and the signature
/// under the answer (rule 514).
public struct MessageSecurity: Sendable {
    private let keys: @Sendable () -> [SigningKey]
    private let nonces: any NonceBook
    private let certificate: @Sendable (any Channel) -> [UInt8]?
    private let makeNonce: @Sendable () -> String

    /// - Parameters:
    ///   - keys: the VTN's own, one RSA and one EC; at least one.
    ///   - certificate: what the client showed in the handshake, in DER form. Its key is the only one that counts.
    ///   - makeNonce: letters, digits and `-`, never the same twice.
    public init(
        keys: @escaping @Sendable () -> [SigningKey], nonces: any NonceBook,
        certificate: @escaping @Sendable (any Channel) -> [UInt8]?,
        makeNonce: @escaping @Sendable () -> String
    ) {
        self.keys = keys
        self.nonces = nonces
        self.certificate = certificate
        self.makeNonce = makeNonce
    }

    /// What a message turned out to be.
    enum Admission {
        case unsigned
        case signed(SignedNonce, SigningKey.Algorithm)
        /// The same message again, with the answer that it got.
        case answered([UInt8])

        var isUnsigned: Bool { if case .unsigned = self { true } else { false } }
    }

    /// Refuses with 403, as the profile has a device ignore what is not signed well.
    func admit(
        _ message: [UInt8], from peer: PeerIdentity, on channel: any Channel, settings: WireSettings, now: Instant
    ) async throws -> Admission {
        guard try Self.checked({ () throws(SignatureFailure) in try XMLSignature.isPresent(in: message) }) else {
            guard settings.signatures == .optional else {
                throw HTTPRefusal.forbidden("sig_missing", "this VEN has to sign its messages")
            }
            return .unsigned
        }
        let shown = certificate(channel)
        let proof = try Self.checked { () throws(SignatureFailure) in
            try XMLSignature.verify(message, known: shown) { $0 == shown }
        }
        let skew = proof.stamp.timestamp - now
        guard abs(skew.seconds) <= settings.clockSkew.seconds else {
            throw HTTPRefusal.forbidden("skew", "the signature is \(skew.seconds) s away from now")
        }
        guard let digest = CertificateDigest(bytes: SHA256.hash(data: message)) else { return .unsigned }
        let nonce = SignedNonce(
            certificate: peer.certificate, nonce: proof.stamp.nonce, digest: digest,
            expiresAt: proof.stamp.timestamp + settings.clockSkew + .minutes(1))
        switch try await nonces.enter(nonce) {
        case .new, .repeated(answer: nil): return .signed(nonce, proof.algorithm)
        case .repeated(let answer?): return .answered(answer)
        case .misused: throw HTTPRefusal.forbidden("replay", "the nonce was used for another message")
        }
    }

    /// The answer as it goes out: signed when the request was, with a key of the same kind, and kept for a repetition.
    func seal(_ answer: [UInt8], for admission: Admission, now: Instant) async throws -> [UInt8] {
        guard case .signed(let nonce, let algorithm) = admission else { return answer }
        let keys = keys()
        guard let key = keys.first(where: { $0.algorithm == algorithm }) ?? keys.first else { return answer }
        let signed = try XMLSignature.sign(
            answer, with: key, stamp: ReplayStamp(timestamp: now, nonce: makeNonce()))
        try await nonces.keep(signed, for: nonce)
        return signed
    }

    private static func checked<Value>(_ check: () throws(SignatureFailure) -> Value) throws(HTTPRefusal) -> Value {
        do {
            return try check()
        } catch {
            throw error.reason == .unavailable
                ? HTTPRefusal(.serviceUnavailable, reason: "reader", detail: "try again later", retryAfter: 5)
                : .forbidden(error.reason.rawValue, error.detail)
        }
    }
}

extension HTTPRefusal {
    /// An answer without a word, and a log line with the reason.
    static func forbidden(_ reason: String, _ detail: String) -> HTTPRefusal {
        HTTPRefusal(.forbidden, reason: reason, detail: detail, isSilent: true)
    }
}
