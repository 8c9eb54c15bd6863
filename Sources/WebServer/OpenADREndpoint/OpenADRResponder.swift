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
    public typealias Exchange = @Sendable (Payload, ServiceName, PeerIdentity, Instant) async throws -> Payload

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
        guard request.method == .post else {
            throw HTTPRefusal(.notImplemented, reason: "method", detail: "only POST is served")
        }
        guard let service = ServiceName.allCases.first(where: { $0.path == request.uri.path }) else {
            throw HTTPRefusal(.notFound, reason: "path", detail: "no such service")
        }
        guard isXML(request.headers[.contentType]) else {
            throw HTTPRefusal(.notAcceptable, reason: "content-type", detail: "send application/xml")
        }
        let body = try await collect(request, for: service)
        switch try read(body) {
        case .message(let payload):
            let answer = try await decide(payload, service, identity)
            log(payload.elementName, payload.venID, answer, identity)
            return Self.xml(codec.encode(answer))
        case .badContent(let failure):
            let answer = Payload.response(
                OpenADR.Response(
                    response: EiResponse(
                        code: failure.code, description: failure.reason, requestID: failure.requestID ?? .empty)))
            log(failure.elementName, failure.venID, answer, identity)
            return Self.xml(codec.encode(answer))
        }
    }

    /// What a body turned out to be.
    private enum Reading {
        case message(Payload)
        /// Valid XML whose content makes no sense: answered with the standard's code, not with an HTTP status.
        case badContent(ContentFailure)
    }

    private func read(_ body: [UInt8]) throws -> Reading {
        do throws(DecodingFailure) {
            return .message(try codec.decode(body))
        } catch {
            switch error {
            case .content(let failure): return .badContent(failure)
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
        _ payload: Payload, _ service: ServiceName, _ identity: PeerIdentity
    ) async throws -> Payload {
        do {
            return try await exchange(payload, service, identity, time.now())
        } catch {
            logger.error("message not handled", metadata: ["ev": "unavailable", "detail": "\(error)"])
            throw HTTPRefusal(.serviceUnavailable, reason: "store", detail: "try again later", retryAfter: 5)
        }
    }

    private func collect(_ request: Request, for service: ServiceName) async throws -> [UInt8] {
        let limit = service.bodyLimit
        let tooLarge = HTTPRefusal(.contentTooLarge, reason: "size", detail: "at most \(limit) bytes", closes: true)
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
        var bytes: [UInt8] = []
        for try await chunk in request.body {
            guard bytes.count + chunk.readableBytes <= limit else { throw tooLarge }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
    }

    private func isXML(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        let type = contentType.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        return type == "application/xml" || type == "text/xml"
    }

    private func log(_ elementName: String, _ venID: VENID?, _ answer: Payload, _ identity: PeerIdentity) {
        let code = answer.response?.code.description ?? ResponseCode.success.description
        metrics.count(
            "oadr_messages_total", help: "Messages handled, by kind and response code.",
            labels: ["message": elementName, "code": code])
        logger.info(
            "message",
            metadata: [
                "ev": "message", "in": "\(elementName)", "out": "\(answer.elementName)", "code": "\(code)",
                "fingerprint": "\(identity.fingerprint)", "ven": "\(venID?.rawValue ?? "")",
            ])
    }

    private static func xml(_ bytes: [UInt8]) -> Hummingbird.Response {
        Hummingbird.Response(
            status: .ok,
            headers: [.contentType: "application/xml; charset=utf-8", .contentLength: String(bytes.count)],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

extension ServiceName {
    /// The largest body that the service reads, in bytes: a report may be long, a poll may not.
    var bodyLimit: Int {
        switch self {
        case .eiReport: 1 << 20
        case .eiEvent: 256 << 10
        case .eiRegisterParty, .eiOpt, .oadrPoll: 64 << 10
        }
    }
}
