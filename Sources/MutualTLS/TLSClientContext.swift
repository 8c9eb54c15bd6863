import COpenSSL

/// What a client needs to open TLS connections: its identity, whom it trusts, and what it speaks.
public final class TLSClientContext: Sendable {
    private let context: ContextReference

    /// - Parameter identity: The client's certificate and key; nil for a client that has none to show.
    public convenience init(profile: TLSProfile = .openadr, identity: TLSIdentity?, trustRoots: TrustRoots)
        throws(TLSConfigurationError)
    {
        try self.init(profile: profile, suites: nil, identity: identity, trustRoots: trustRoots)
    }

    /// - Parameter suites: The only TLS 1.2 suites to offer, in OpenSSL's names; nil for the profile's.
    init(profile: TLSProfile, suites: String?, identity: TLSIdentity?, trustRoots: TrustRoots)
        throws(TLSConfigurationError)
    {
        context = try ContextReference(role: .client, profile: profile)
        if let suites, SSL_CTX_set_cipher_list(context.pointer, suites) != 1 {
            throw .settingRefused(OpenSSLErrors.takeText())
        }
        if let identity { try context.add(identity) }
        try context.trust(trustRoots, role: .client)
        SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER, nil)
        // Sessions go to their slots, not into a cache of the context.
        let mode = SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_LOOKUP | SSL_SESS_CACHE_NO_INTERNAL_STORE
        SSL_CTX_ctrl(context.pointer, SSL_CTRL_SET_SESS_CACHE_MODE, Int(mode), nil)
        SSL_CTX_sess_set_new_cb(context.pointer, TLSEngine.storeSession)
    }

    /// A handler for one connection.
    ///
    /// - Parameter sessions: The slot of this server, for taking up sessions.
    public func makeHandler(
        verification: ServerVerification, sessions: TLSSessionSlot? = nil,
        configuration: TLSHandler.Configuration = .init()
    ) throws(TLSConfigurationError) -> TLSHandler {
        let engine = try TLSEngine(context: context, role: .client, sessions: sessions)
        if let name = verification.name { try engine.expect(serverName: name) }
        return TLSHandler(asking: engine, fingerprints: verification.fingerprints, configuration: configuration)
    }
}
