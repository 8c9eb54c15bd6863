public import Hummingbird
import HummingbirdCore
public import Logging
public import MutualTLS
public import NIOCore
public import VirtualTopNode

/// A listener for OpenADR over HTTP/1.1 over mutual TLS: the VTN's, and that of a VEN that takes pushes.
public enum OpenADRServer {
    /// - Parameters:
    ///   - watch: which connections may stay; nil lets all be.
    ///   - frontHandlers: what stands in each connection between the HTTP decoder and the responder; only with a watch, as
    ///     Hummingbird would take a connection for idle whose requests do not get as far as it.
    ///   - connectionLimit: connections at the same time; more wait until one ends.
    ///   - observe: hears of every handshake, on an event loop, so it must not block.
    ///   - onRunning: gets the port that the listener really has, for a configured port of zero.
    public static func application(
        host: String, port: Int, tls: TLSServerContext, responder: some HTTPResponder<OpenADRRequestContext>,
        logger: Logger, watch: ConnectionWatch? = nil,
        frontHandlers: @escaping @Sendable () -> [any RemovableChannelHandler] = { [] },
        connectionLimit: Int = 20_000,
        observe: @escaping TLSObserver = { _, _ in },
        onRunning: @escaping @Sendable (Int?) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        // Headers of 16 KiB and 100 fields are plenty for a VEN; an idle connection is kept a little over a minute, by the
        // watch if there is one: it sees the polls that do not get as far as Hummingbird.
        let longestField = 8 << 10
        let http = HTTP1Channel.Configuration(
            additionalChannelHandlers: watch.map {
                [RequestProgressHandler(), HTTPFaultHandler(lineLimit: longestField, observe: $0.sawFault)]
                    + frontHandlers()
            } ?? [],
            idleTimeout: watch == nil ? SlowPeerHandler.Limits().idle : nil,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: longestField, maxHeaderListSize: 16 << 10, maxHeaderFieldCount: 100))
        return Application(
            responder: responder,
            server: .openSSL(http, context: tls, watch: watch, observe: observe),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), backlog: 4_096),
            onServerRunning: { listener in
                do {
                    try await ConnectionIntake.add(to: listener, limit: connectionLimit)
                } catch {
                    // It was closed before it began.
                    logger.error("connections are not limited", metadata: ["ev": "listener", "reason": "\(error)"])
                }
                await onRunning(listener.localAddress?.port)
            },
            logger: logger)
    }

    /// The certificate that the handshake proved, in DER form.
    @Sendable public static func certificate(of channel: any Channel) -> [UInt8]? {
        peerCertificate(of: channel)?.der
    }

    /// Who is at the other end: the certificate that the handshake proved.
    @Sendable public static func peer(of channel: any Channel) -> PeerIdentity? {
        peerCertificate(of: channel).flatMap { CertificateDigest(bytes: $0.sha256) }.map(PeerIdentity.init)
    }
}
