import NIOCore
import NIOHTTP1
import NIOPosix

/// Opens connections to one server.
struct HTTPSConnector: Sendable {
    let host: String
    let port: Int
    /// Instead of what `host` would be found to be.
    let address: SocketAddress?
    let context: TLSClientContext
    let verification: ServerVerification
    let configuration: HTTPSClient.Configuration
    let eventLoop: any EventLoop
    let sessions = TLSSessionSlot()

    /// A TCP connection with everything in its pipeline; the handshake is on its way.
    func connect() -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(min(configuration.requestTimeout, .seconds(10)))
            .channelOption(ChannelOptions.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let tls = try context.makeHandler(
                        verification: verification, sessions: sessions, configuration: configuration.tls)
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(tls)
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(HTTPSExchangeHandler(longestAnswer: configuration.longestAnswer))
                }
            }
        guard let address else { return bootstrap.connect(host: host, port: port) }
        return bootstrap.connect(to: address)
    }

    /// The head of a request; a length instead of chunks (section 9.1.9.4).
    func head(of request: HTTPSRequest) -> HTTPRequestHead {
        let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        var headers: HTTPHeaders = [
            "Host": port == 443 ? name : "\(name):\(port)",
            "Content-Type": request.contentType,
            "Content-Length": "\(request.body.count)",
            "Accept": "application/xml",
        ]
        if let coding = request.acceptEncoding { headers.add(name: "Accept-Encoding", value: coding) }
        return HTTPRequestHead(version: .http1_1, method: .POST, uri: request.path, headers: headers)
    }
}
