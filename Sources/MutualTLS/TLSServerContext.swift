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

    /// For how long, and for how many, an earlier handshake spares the next one most of its work.
    public struct SessionCache: Hashable, Sendable {
        /// In seconds, from the full handshake.
        public var lifetime: Int
        /// The oldest one goes when there is one more; each takes about 10 KiB.
        public var limit: Int

        public init(lifetime: Int = 3_600, limit: Int = 4_096) {
            self.lifetime = lifetime
            self.limit = limit
        }
    }

    private let profile: TLSProfile
    private let sessions: SessionCache
    private let current: Mutex<ContextReference>

    /// - Parameter identities: One pair of certificate and key, or one with RSA and one with EC: the client's offer
    ///   decides which one it sees. A VTN holds both (rule 67).
    public init(
        profile: TLSProfile = .openadr, identities: [TLSIdentity], clients: ClientCertificates,
        sessions: SessionCache = .init()
    ) throws(TLSConfigurationError) {
        self.profile = profile
        self.sessions = sessions
        current = Mutex(
            try Self.make(profile: profile, identities: identities, clients: clients, sessions: sessions))
    }

    /// Has new connections use these certificates and roots; those that are open keep the old ones until they end, and
    /// no old session can be taken up again. When it throws, nothing has changed.
    public func reload(
        identities: [TLSIdentity], clients: ClientCertificates
    ) throws(TLSConfigurationError) {
        let new = try Self.make(profile: profile, identities: identities, clients: clients, sessions: sessions)
        current.withLock { $0 = new }
    }

    /// A handler for one accepted connection.
    public func makeHandler(configuration: TLSHandler.Configuration = .init()) throws(TLSConfigurationError)
        -> TLSHandler
    {
        let context = current.withLock { $0 }
        return TLSHandler(serving: try TLSEngine(context: context, role: .server), configuration: configuration)
    }

    private static func make(
        profile: TLSProfile, identities: [TLSIdentity], clients: ClientCertificates, sessions: SessionCache
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
        keep(sessions, in: context)
        return context
    }

    /// Sessions are kept here and not sent out as tickets: a ticket carries the client's certificate, which is encrypted
    /// and, much worse, decoded again each time. A resumed handshake takes half as much CPU so, a full one a tenth less.
    private static func keep(_ sessions: SessionCache, in context: ContextReference) {
        SSL_CTX_ctrl(context.pointer, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_SERVER), nil)
        SSL_CTX_ctrl(context.pointer, SSL_CTRL_SET_SESS_CACHE_SIZE, max(1, sessions.limit), nil)
        // Without a context of their own, sessions with a client certificate would all be refused.
        SSL_CTX_set_session_id_context(context.pointer, "curtail", 7)
        SSL_CTX_set_timeout(context.pointer, max(1, sessions.lifetime))
        // TLS 1.3 hands out two by default.
        SSL_CTX_set_num_tickets(context.pointer, 1)
    }
}
