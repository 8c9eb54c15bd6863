public import Measures
import Synchronization
public import XMLSignatures

/// The high security level at the VEN's side: signs what goes out, and takes only what the VTN signed, once (rule 514).
public final class MessageSigning: Sendable {
    private let key: SigningKey
    private let isTrusted: @Sendable ([UInt8]) -> Bool
    private let clockSkew: TimeSpan
    private let time: any TimeSource
    private let makeNonce: @Sendable () -> String
    /// Nonces of the VTN, with the moment from which the timestamp alone refuses them. A VEN's answers come over a
    /// connection of its own, so a restart may forget them.
    private let seen = Mutex<[String: Instant]>([:])

    /// - Parameters:
    ///   - isTrusted: whether a certificate (DER) is the VTN's.
    ///   - clockSkew: how far the time of a signature may be from now, either way.
    ///   - makeNonce: letters, digits and `-`, never the same twice.
    public init(
        key: SigningKey, clockSkew: TimeSpan = .seconds(300), time: any TimeSource,
        makeNonce: @escaping @Sendable () -> String, isTrusted: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.key = key
        self.isTrusted = isTrusted
        self.clockSkew = clockSkew
        self.time = time
        self.makeNonce = makeNonce
    }

    /// The message with a signature of this moment.
    public func sign(_ message: [UInt8]) throws(TransportFailure) -> [UInt8] {
        do {
            return try XMLSignature.sign(
                message, with: key, stamp: ReplayStamp(timestamp: time.now(), nonce: makeNonce()))
        } catch {
            throw .temporary("\(error)")
        }
    }

    /// Throws for a message that is not signed by the VTN, not now, or not for the first time.
    public func check(_ message: [UInt8]) throws(TransportFailure) {
        let proof: VerifiedSignature
        do {
            proof = try XMLSignature.verify(message, isTrusted: isTrusted)
        } catch {
            throw .temporary("the VTN's signature: \(error)")
        }
        let now = time.now()
        guard abs((proof.stamp.timestamp - now).seconds) <= clockSkew.seconds else {
            throw .temporary("the VTN's signature is of \(proof.stamp.timestamp), and it is \(now)")
        }
        let until = proof.stamp.timestamp + clockSkew
        let isNew = seen.withLock { seen in
            seen = seen.filter { $0.value >= now }
            return seen.updateValue(until, forKey: proof.stamp.nonce) == nil
        }
        guard isNew else { throw .temporary("the VTN's message came before") }
    }
}
