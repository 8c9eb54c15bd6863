import COpenSSL

/// An `SSL_CTX`.
///
/// Sendable: nothing changes it once ``init(role:profile:)`` and the calls of its maker are over, and OpenSSL's own
/// caches and counters in it are locked.
final class ContextReference: @unchecked Sendable {
    enum Role { case server, client }

    let pointer: OpaquePointer

    init(role: Role, profile: TLSProfile) throws(TLSConfigurationError) {
        OpenSSLErrors.clear()
        guard let pointer = SSL_CTX_new(role == .server ? TLS_server_method() : TLS_client_method()) else {
            throw .settingRefused(OpenSSLErrors.takeText())
        }
        self.pointer = pointer
        try apply(profile, role: role)
        // No auto chain: else every handshake of a side without issuers in its chain builds and verifies its own chain
        // from the trust store. Release buffers: 32 KiB less per idle connection.
        setMode(SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_RELEASE_BUFFERS)
        SSL_CTX_ctrl(pointer, SSL_CTRL_SET_MAX_CERT_LIST, Self.longestChain, nil)
        SSL_CTX_set_verify_depth(pointer, 4)
        // One call of the BIO for all that has come, instead of two per record.
        SSL_CTX_ctrl(pointer, SSL_CTRL_SET_READ_AHEAD, 1, nil)
    }

    deinit { SSL_CTX_free(pointer) }

    /// The longest chain of a peer, in bytes.
    private static let longestChain = 8_192

    private func setMode(_ mode: UInt32) {
        SSL_CTX_ctrl(pointer, SSL_CTRL_MODE, Int(mode), nil)
    }

    /// Versions, suites, curves and options, by OpenSSL's names for its configuration files.
    private func apply(_ profile: TLSProfile, role: Role) throws(TLSConfigurationError) {
        let configuration = SSL_CONF_CTX_new()
        defer { SSL_CONF_CTX_free(configuration) }
        let side = role == .server ? SSL_CONF_FLAG_SERVER : SSL_CONF_FLAG_CLIENT
        SSL_CONF_CTX_set_flags(configuration, UInt32(SSL_CONF_FLAG_FILE | side))
        SSL_CONF_CTX_set_ssl_ctx(configuration, pointer)
        var settings = [
            ("MinProtocol", "TLSv1.2"), ("MaxProtocol", profile.highestVersion), ("CipherString", profile.cipherList),
            ("Groups", "X25519:P-256:P-384"), ("Options", "NoRenegotiation,-Compression"),
        ]
        if role == .server { settings.append(("Options", "ServerPreference,-SessionTicket")) }
        for (name, value) in settings where SSL_CONF_cmd(configuration, name, value) <= 0 {
            throw .settingRefused("\(name) = \(value): \(OpenSSLErrors.takeText())")
        }
    }

    /// Adds a pair of certificate and key; a server can have one RSA and one EC pair.
    func add(_ identity: TLSIdentity) throws(TLSConfigurationError) {
        OpenSSLErrors.clear()
        let issuers = identity.chain.count > 1 ? OPENSSL_sk_new_null() : nil
        defer { OPENSSL_sk_free(issuers) }
        for issuer in identity.chain.dropFirst() {
            OPENSSL_sk_push(issuers, UnsafeRawPointer(issuer.pointer))
        }
        // Takes its own references, and refuses a key that does not match.
        guard SSL_CTX_use_cert_and_key(pointer, identity.chain[0].pointer, identity.key.pointer, issuers, 1) == 1 else {
            throw .identityRefused(OpenSSLErrors.takeText())
        }
    }

    /// Takes the authorities to which a peer's chain must lead; a server also names them to its clients.
    func trust(_ roots: TrustRoots, role: Role) throws(TLSConfigurationError) {
        let store = SSL_CTX_get_cert_store(pointer)
        for root in roots.certificates {
            guard X509_STORE_add_cert(store, root.pointer) == 1,
                role == .client || SSL_CTX_add_client_CA(pointer, root.pointer) == 1
            else { throw .settingRefused(OpenSSLErrors.takeText()) }
        }
    }
}
