import HTTPCoding
import HTTPTypes
public import Hummingbird
public import Logging
public import Measures
public import NIOCore
public import OpenADR
public import OpenADRXML
public import VirtualTopNode

/// Answers the five service paths of a VTN over HTTP.
///
/// The order of checks is the specification's: method (501), path (404), content type (406), size (413), XML and schema
/// (406), and only then what the message says, which is always answered with 200 and a code inside.
public struct OpenADRResponder: HTTPResponder {
    public typealias Context = OpenADRRequestContext

    /// Decides about one message of a peer whose certificate was proven by the handshake.
    public typealias Exchange = @Sendable (ReceivedMessage, ServiceName, PeerIdentity, Instant) async throws -> Payload

    private let codec: OpenADRCodec
    private let time: any TimeSource
    private let metrics: MetricsRegistry
    private let logger: Logger
    private let peer: @Sendable (any Channel) -> PeerIdentity?
    private let exchange: Exchange

    /// - Parameter peer: who is at the other end of a connection; nil before a handshake or without a certificate.
    public init(
        codec: OpenADRCodec, time: any TimeSource, metrics: MetricsRegistry, logger: Logger,
        peer: @escaping @Sendable (any Channel) -> PeerIdentity?, exchange: @escaping Exchange
    ) {
        self.codec = codec
        self.time = time
        self.metrics = metrics
        self.logger = logger
        self.peer = peer
        self.exchange = exchange
    }

    public func respond(to request: Request, context: OpenADRRequestContext) async throws -> Hummingbird.Response {
        do {
            return try await answer(request, from: context.channel)
        } catch let refusal as HTTPRefusal {
            metrics.count(
                "vtn_reject_total", help: "Requests refused before their message was read.",
                labels: ["reason": refusal.reason])
            logger.warning(
                "request refused",
                metadata: [
                    "ev": "reject", "reason": "\(refusal.reason)", "detail": "\(refusal.detail)",
                    "path": "\(request.uri.path.prefix(200))",
                ])
            return refusal.response(on: context.channel)
        }
    }

    private func answer(_ request: Request, from channel: any Channel) async throws -> Hummingbird.Response {
        guard let identity = peer(channel) else {
            throw HTTPRefusal(.forbidden, reason: "certificate", detail: "no client certificate")
        }
        let reader = RequestReader(request: request)
        let service = try reader.service()
        let message = try read(try await reader.body(for: service))
        let answer = try await decide(message, service, identity)
        log(message, answer, identity)
        return try Self.xml(codec.encode(answer), accepted: request.headers[.acceptEncoding])
    }

    private func read(_ body: [UInt8]) throws -> ReceivedMessage {
        do throws(DecodingFailure) {
            return try codec.receive(body)
        } catch {
            switch error {
            case .tooLarge:
                throw HTTPRefusal(.contentTooLarge, reason: "size", detail: error.description, closes: true)
            case .library:
                logger.error("message not read", metadata: ["ev": "unavailable", "detail": "\(error)"])
                throw HTTPRefusal(.serviceUnavailable, reason: "reader", detail: "try again later", retryAfter: 5)
            default: throw HTTPRefusal(.notAcceptable, reason: "xml", detail: error.description)
            }
        }
    }

    private func decide(
        _ message: ReceivedMessage, _ service: ServiceName, _ identity: PeerIdentity
    ) async throws -> Payload {
        do {
            return try await exchange(message, service, identity, time.now())
        } catch {
            logger.error("message not handled", metadata: ["ev": "unavailable", "detail": "\(error)"])
            throw HTTPRefusal(.serviceUnavailable, reason: "store", detail: "try again later", retryAfter: 5)
        }
    }

    private func log(_ message: ReceivedMessage, _ answer: Payload, _ identity: PeerIdentity) {
        let code = answer.response?.code.description ?? ResponseCode.success.description
        metrics.count(
            "oadr_messages_total", help: "Messages handled, by kind and response code.",
            labels: ["message": message.elementName, "code": code])
        logger.info(
            "message",
            metadata: [
                "ev": "message", "in": "\(message.elementName)", "out": "\(answer.elementName)", "code": "\(code)",
                "fingerprint": "\(identity.fingerprint)", "ven": "\(message.venID?.rawValue ?? "")",
            ])
    }

    /// An answer of a known length, squeezed when the request wants it so; never in chunks (section 9.1.9.4).
    private static func xml(_ bytes: [UInt8], accepted: String?) throws -> Hummingbird.Response {
        var headers: HTTPFields = [.contentType: "application/xml; charset=utf-8"]
        var body = bytes
        if let coding = ContentCoding.preferred(by: accepted) {
            body = try coding.encode(bytes)
            headers[.contentEncoding] = coding.rawValue
        }
        headers[.contentLength] = String(body.count)
        return Hummingbird.Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
