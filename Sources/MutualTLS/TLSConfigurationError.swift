/// Why an identity, trust roots or a context could not be made. No text holds key material.
public enum TLSConfigurationError: Error, Hashable, Sendable {
    /// The operating system would not give the file; the text is its own.
    case file(path: String, reason: String)
    /// The PEM text holds no certificate, or one that cannot be read.
    case noCertificate(String)
    /// The PEM text holds no private key, an encrypted one, or one that cannot be read.
    case noPrivateKey(String)
    /// OpenSSL refused the pair, for instance since key and certificate do not belong together.
    case identityRefused(String)
    /// OpenSSL refused a setting.
    case settingRefused(String)
    /// A name that cannot be compared with a certificate.
    case badServerName(String)
}

extension TLSConfigurationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let path, let reason): "\(path): \(reason)."
        case .noCertificate(let reason): "No usable certificate in the PEM text: \(reason)."
        case .noPrivateKey(let reason): "No usable private key in the PEM text: \(reason)."
        case .identityRefused(let reason): "Certificate and private key are refused: \(reason)."
        case .settingRefused(let reason): "A TLS setting is refused: \(reason)."
        case .badServerName(let name): "\"\(name)\" is neither a host name nor an IP address."
        }
    }
}
