/// What a side proves itself with: a certificate, its chain and the private key, checked to belong together when a
/// context takes them.
public struct TLSIdentity: Sendable {
    let chain: [CertificateReference]
    let key: KeyReference

    /// Reads PEM texts: the certificate first, then its issuers, without the root; and the key, without passphrase.
    public init(chainPEM: [UInt8], privateKeyPEM: [UInt8]) throws(TLSConfigurationError) {
        chain = try PEM.certificates(chainPEM)
        key = try PEM.privateKey(privateKeyPEM)
    }

    public init(chainPEM: String, privateKeyPEM: String) throws(TLSConfigurationError) {
        try self.init(chainPEM: Array(chainPEM.utf8), privateKeyPEM: Array(privateKeyPEM.utf8))
    }

    /// Reads PEM files.
    public init(chainFile: String, privateKeyFile: String) throws(TLSConfigurationError) {
        try self.init(chainPEM: PEM.file(chainFile), privateKeyPEM: PEM.file(privateKeyFile))
    }
}

/// The authorities to which a peer's chain must lead.
public struct TrustRoots: Sendable {
    let certificates: [CertificateReference]

    /// Reads one or more certificates from a PEM text.
    public init(pem: [UInt8]) throws(TLSConfigurationError) {
        certificates = try PEM.certificates(pem)
    }

    public init(pem: String) throws(TLSConfigurationError) {
        try self.init(pem: Array(pem.utf8))
    }

    /// Reads one or more certificates from a PEM file.
    public init(file: String) throws(TLSConfigurationError) {
        try self.init(pem: PEM.file(file))
    }
}
