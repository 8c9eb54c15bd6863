/// Why a message was not taken as signed, or could not be signed.
public struct SignatureFailure: Error, Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// Not signed at all.
        case missing = "sig_missing"
        /// Something is not where it has to be: the tree could mean one thing to the verifier and another to the reader.
        case structure = "sig_structure"
        /// ReplayProtect is not signed, not alone, or not complete.
        case replayStructure = "replay_struct"
        /// An algorithm that is not among the few that are taken.
        case algorithm = "sig_alg"
        /// The certificate is not the sender's.
        case certificate = "sig_cert"
        /// The signature does not fit the message.
        case invalid = "sig_invalid"
        /// The library, memory, or a key that cannot be used: not the sender's fault.
        case unavailable = "sig_unavailable"
    }

    /// Its raw value is a stable word for the log and a metric.
    public let reason: Reason
    /// One line.
    public let detail: String

    public init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
}

extension SignatureFailure: CustomStringConvertible {
    public var description: String { "\(reason.rawValue): \(detail)" }
}
