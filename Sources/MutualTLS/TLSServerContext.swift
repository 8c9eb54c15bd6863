import COpenSSL
import Synchronization

/// What a listener needs to accept TLS connections; can be reloaded while it is in use.
public final class TLSServerContext: Sendable {
    /// What a client has to prove.
    public enum ClientCertificates: Sendable {
        /// Every client shows a certificate whose chain leads to the roots: the rule for OpenADR.
        case required(TrustRoots)
        /// Clients without certificate are accepted too; one that is shown is verified.
        case requested(TrustRoots)
        /// No client is asked.
        case none
    }

    private let current: Mutex<ContextReference>

    /// - Parameters:
    ///   - identities: One pair of certificate and key, or one with RSA and one with EC: the client's offer decides
    ///     which one it sees. A VTN holds both (rule 67).
    ///   - sessionLifetime: For how many seconds a client may take up a session again without a full handshake.
    public init(
        profile: TLSProfile = .openadr, identities: [TLSIdentity], clients: ClientCertificates,
        sessionLifetime: Int = 3_600
    ) throws(TLSConfigurationError) {
        current = Mutex(
            try Self.make(profile: profile, identities: identities, clients: clients, sessionLifetime: sessionLifetime))
    }

    /// Has new connections use these settings; those that are open keep the old ones until they end, and no old session
    /// can be taken up again. When it throws, nothing has changed.
    public func reload(
        profile: TLSProfile = .openadr, identities: [TLSIdentity], clients: ClientCertificates,
        sessionLifetime: Int = 3_600
    ) throws(TLSConfigurationError) {
        let new = try Self.make(
            profile: profile, identities: identities, clients: clients, sessionLifetime: sessionLifetime)
        current.withLock { $0 = new }
    }

    /// A handler for one accepted connection.
    public func makeHandler(configuration: TLSHandler.Configuration = .init()) throws(TLSConfigurationError)
        -> TLSHandler
    {
        let context = current.withLock { $0 }
        return TLSHandler(engine: try TLSEngine(context: context, role: .server), configuration: configuration)
    }

    private static func make(
        profile: TLSProfile, identities: [TLSIdentity], clients: ClientCertificates, sessionLifetime: Int
    ) throws(TLSConfigurationError) -> ContextReference {
        guard !identities.isEmpty else { throw .settingRefused("a server needs a certificate") }
        let context = try ContextReference(role: .server, profile: profile)
        for identity in identities { try context.add(identity) }
        switch clients {
        case .required(let roots):
            try context.trust(roots, role: .server)
            SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        case .requested(let roots):
            try context.trust(roots, role: .server)
            SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER, nil)
        case .none:
            SSL_CTX_set_verify(context.pointer, SSL_VERIFY_NONE, nil)
        }
        // Tickets for clients that take them, the cache (20,480 sessions) for the others.
        SSL_CTX_ctrl(context.pointer, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_SERVER), nil)
        SSL_CTX_set_session_id_context(context.pointer, "curtail", 7)
        SSL_CTX_set_timeout(context.pointer, sessionLifetime)
        SSL_CTX_set_num_tickets(context.pointer, 1)
        return context
    }
}
