public import NIOCore
public import NIOPosix
import Synchronization

/// A client of one HTTPS server over one connection that is kept alive, and made again when it is gone.
///
/// Requests are sent one at a time, in the order in which they were made; a connection that the server had closed
/// while it was idle is replaced once without the caller noticing. Redirects are not followed: an OpenADR endpoint that
/// sends one is misconfigured or hostile. Call ``close()`` at the end.
public final class HTTPSClient: Sendable {
    public struct Configuration: Hashable, Sendable {
        /// From the call to the end of the answer, waiting for earlier requests included (section 9.1.6: 5 s or more).
        public var requestTimeout: TimeAmount
        /// The longest body of an answer, in bytes.
        public var longestAnswer: Int
        public var tls: TLSHandler.Configuration

        public init(
            requestTimeout: TimeAmount = .seconds(30), longestAnswer: Int = 1_048_576,
            tls: TLSHandler.Configuration = .init()
        ) {
            self.requestTimeout = requestTimeout
            self.longestAnswer = longestAnswer
            self.tls = tls
        }
    }

    private let eventLoop: any EventLoop
    private let queue: NIOLoopBoundBox<HTTPSRequestQueue>

    /// - Parameters:
    ///   - address: Where to connect to, when the name must not be looked up again; nil looks `host` up.
    ///   - verification: How the server proves itself; by default its certificate must name `host`.
    public init(
        host: String, port: Int, address: SocketAddress? = nil, context: TLSClientContext,
        verification: ServerVerification? = nil,
        configuration: Configuration = .init(), group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        eventLoop = group.next()
        let connector = HTTPSConnector(
            host: host, port: port, address: address, context: context, verification: verification ?? .name(host),
            configuration: configuration, eventLoop: eventLoop)
        queue = .makeBoxSendingValue(HTTPSRequestQueue(connector: connector), eventLoop: eventLoop)
    }

    /// Sends a body and waits for the answer, whatever its status.
    ///
    /// - Parameters:
    ///   - path: An absolute path, percent-encoded, with its query if there is one.
    ///   - acceptEncoding: In which codings the answer may come, such as `gzip`; its body is given as it came.
    public func post(
        path: String, body: [UInt8], contentType: String = "application/xml", acceptEncoding: String? = nil
    ) async throws(HTTPSFailure) -> HTTPSAnswer {
        let request = try HTTPSRequest(
            path: path, contentType: contentType, acceptEncoding: acceptEncoding, body: body)
        let promise = eventLoop.makePromise(of: HTTPSAnswer.self)
        do {
            return try await withTaskCancellationHandler {
                eventLoop.execute { self.queue.value.submit(request, promise: promise) }
                return try await promise.futureResult.get()
            } onCancel: {
                request.isCancelled.store(true, ordering: .releasing)
                eventLoop.execute { self.queue.value.cancel(request) }
            }
        } catch {
            throw error as? HTTPSFailure ?? .connectionLost("\(error)")
        }
    }

    /// Closes the connection with a close_notify; requests that are not answered fail with
    /// ``HTTPSFailure/clientClosed``.
    public func close() async {
        let closed = eventLoop.flatSubmit { self.queue.value.close() }
        try? await closed.get()
    }
}
