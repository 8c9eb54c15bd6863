import HTTPTypes
import Hummingbird
import Logging
import Measures
import MessageAudit
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import OpenADR
import OpenADRXML
import Synchronization
import Testing
import VirtualTopNode

@testable import WebServer

/// A responder with our schemas, and what it handed on.
struct TestEndpoint {
    /// What came back.
    struct Answer {
        let status: HTTPResponse.Status
        let headers: HTTPFields
        let bytes: [UInt8]
        /// What the body itself says of its length.
        let announced: Int?
        /// Whether the connection was ended.
        let isClosed: Bool

        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    private final class Record: Sendable {
        let calls = Mutex<[(message: ReceivedMessage, service: ServiceName, peer: PeerIdentity)]>([])
        let journal = Mutex<[WireRecord]>([])
        let lookUps = Mutex(0)
    }

    static let poll = Payload.poll(Poll(venID: "VEN-1"))
    static let answer = Payload.response(OpenADR.Response(response: EiResponse(requestID: "grün")))
    static let identity = CertificateDigest(bytes: [UInt8](repeating: 7, count: 32)).map(PeerIdentity.init)

    private static let codec = Result { try MessageAudit.codec { Issue.record("\($0)") } }

    let codec: OpenADRCodec
    let metrics = MetricsRegistry()
    private let record = Record()
    private let responder: OpenADRResponder
    private let hasFront: Bool

    init(
        identity: PeerIdentity? = TestEndpoint.identity, standing: PeerStanding = PeerStanding(venID: "VEN-1"),
        rates: PeerRates? = nil, gate: LoadGate = LoadGate(), connections: ConnectionTable = ConnectionTable(),
        security: MessageSecurity? = nil, idlePolls: IdlePolls? = nil,
        exchange: @escaping OpenADRResponder.Exchange = { _, _, _, _ in TestEndpoint.answer }
    ) throws {
        codec = try Self.codec.get()
        hasFront = idlePolls != nil
        responder = OpenADRResponder(
            codec: codec,
            surroundings: OpenADRResponder.Surroundings(
                time: AcceleratedTime(start: Instant(year: 2026, month: 7, day: 1), rate: 0), metrics: metrics,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, peer: { _ in identity },
                directory: PeerDirectory(lifetime: .seconds(3_600)) { [record] _ in
                    record.lookUps.withLock { $0 += 1 }
                    return standing
                },
                rates: rates, gate: gate, connections: connections, security: security, idlePolls: idlePolls,
                journal: { [record] records in record.journal.withLock { $0 += records } })
        ) { [record] payload, service, peer, now in
            record.calls.withLock { $0.append((payload, service, peer)) }
            return try await exchange(payload, service, peer, now)
        }
    }

    /// The services that were asked to decide, in order.
    var seen: [ServiceName] { record.calls.withLock { $0.map(\.service) } }
    /// How often it was looked up who somebody is.
    var lookUps: Int { record.lookUps.withLock { $0 } }
    var journal: [WireRecord] { record.journal.withLock { $0 } }
    var messages: [ReceivedMessage] { record.calls.withLock { $0.map(\.message) } }
    var peers: [PeerIdentity] { record.calls.withLock { $0.map(\.peer) } }

    /// What stands before the responder in a new connection.
    func frontHandlers() -> [any RemovableChannelHandler] { responder.makeFrontHandlers() }

    func rejected(_ reason: String) -> Double {
        metrics.value("vtn_reject_total", labels: ["reason": reason])
    }

    /// A good poll but for what is given; its length is announced.
    func send(
        method: HTTPRequest.Method = .post, path: String = ServiceName.oadrPoll.path,
        contentType: String? = "application/xml", body: [UInt8]? = nil, headers: HTTPFields = [:]
    ) async throws -> Answer {
        let body = body ?? codec.encode(Self.poll)
        return try await send(
            method: method, path: path, contentType: contentType, contentLength: body.count,
            body: RequestBody(buffer: ByteBuffer(bytes: body)), headers: headers)
    }

    func send(
        method: HTTPRequest.Method = .post, path: String, contentType: String? = "application/xml",
        contentLength: Int?, body: RequestBody, headers: HTTPFields = [:]
    ) async throws -> Answer {
        var head = HTTPRequest(method: method, scheme: "https", authority: "localhost", path: path)
        head.headerFields = headers
        head.headerFields[.contentType] = contentType
        head.headerFields[.contentLength] = contentLength.map(String.init)
        let channel = NIOAsyncTestingChannel()
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        if hasFront, let answer = try await Front(responder, channel).answer(head, body) { return answer }
        let context = OpenADRRequestContext(
            source: ApplicationRequestContextSource(channel: channel, logger: Logger(label: "test")))
        let response = try await responder.respond(to: Request(head: head, body: body), context: context)
        let collector = BodyCollector()
        try await response.body.write(collector)
        await channel.testingEventLoop.run()
        return Answer(
            status: response.status, headers: response.headers, bytes: collector.bytes,
            announced: response.body.contentLength, isClosed: !channel.isActive)
    }
}

/// What stands before the responder in a connection.
private struct Front {
    private let channel: NIOAsyncTestingChannel

    init(_ responder: OpenADRResponder, _ channel: NIOAsyncTestingChannel) async throws {
        self.channel = channel
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandlers(responder.makeFrontHandlers())
        }.get()
    }

    /// Nil when the request was passed on.
    func answer(_ head: HTTPRequest, _ body: RequestBody) async throws -> TestEndpoint.Answer? {
        try await channel.writeInbound(HTTPRequestPart.head(head))
        for try await chunk in body { try await channel.writeInbound(HTTPRequestPart.body(chunk)) }
        try await channel.writeInbound(HTTPRequestPart.end(nil))
        var answer: (head: HTTPResponse, bytes: [UInt8])?
        for _ in 0..<1_000_000 {
            await channel.testingEventLoop.run()
            if try await channel.readInbound(as: HTTPRequestPart.self) != nil { return nil }
            switch try await channel.readOutbound(as: HTTPResponsePart.self) {
            case .head(let head): answer = (head, [])
            case .body(let chunk): answer?.bytes += chunk.readableBytesView
            case .end:
                return answer.map {
                    TestEndpoint.Answer(
                        status: $0.head.status, headers: $0.head.headerFields, bytes: $0.bytes,
                        announced: $0.bytes.count, isClosed: !channel.isActive)
                }
            case nil: await Task.yield()
            }
        }
        throw TestFailure()
    }
}

struct TestFailure: Error, CustomStringConvertible {
    var description: String { "secret detail" }
}
