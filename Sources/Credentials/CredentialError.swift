/// Why a certificate was not issued, or a certificate, key or file not read or written.
public enum CredentialError: Error, Hashable, Sendable {
    /// The request breaks a rule of the certificate profiles; the text says which.
    case refused(String)
    /// A PEM text holds no certificate or key of a kind that is used here.
    case unreadable(String)
    /// A certificate and a private key that do not belong together.
    case keyMismatch
    /// The operating system refused; the text is its own.
    case file(path: String, reason: String)
}

extension CredentialError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let reason): "The certificate is not issued: \(reason)."
        case .unreadable(let what): "Not readable: \(what)."
        case .keyMismatch: "The private key does not belong to the certificate."
        case .file(let path, let reason): "\(path): \(reason)."
        }
    }
}
