import HTTPTypes
public import Hummingbird
public import Logging
public import MutualTLS
import NIOCore
public import OpenADR
public import OpenADRXML

/// Answers what a VTN pushes to a VEN: the service paths of section 6.3, over HTTP over mutual TLS.
///
/// The order of checks is that of a VTN's endpoint; who the other side is comes first: any certificate of the authority
/// passes the handshake, and only the VTN may push.
public struct EndNodeResponder: HTTPResponder {
    public typealias Context = OpenADRRequestContext

    /// Takes one message; nil is an answer without a body.
    public typealias Exchange = @Sendable (Payload, ServiceName) throws -> Payload?

    private let codec: OpenADRCodec
    private let logger: Logger
    private let isVTN: @Sendable (PeerCertificate) -> Bool
    private let security: Security?
    private let exchange: Exchange

    /// The high security level: what comes has to be the VTN's, and what goes out is signed.
    public struct Security: Sendable {
        let check: @Sendable ([UInt8]) throws -> Void
        let sign: @Sendable ([UInt8]) throws -> [UInt8]

        /// - Parameters:
        ///   - check: throws for a message that the VTN has not signed, not now, or not for the first time.
        ///   - sign: puts the VEN's signature under a message.
        public init(
            check: @escaping @Sendable ([UInt8]) throws -> Void, sign: @escaping @Sendable ([UInt8]) throws -> [UInt8]
        ) {
            self.check = check
            self.sign = sign
        }
    }

    /// - Parameter security: nil takes and gives unsigned messages.
    public init(
        codec: OpenADRCodec, logger: Logger, isVTN: @escaping @Sendable (PeerCertificate) -> Bool,
        security: Security? = nil, exchange: @escaping Exchange
    ) {
        self.security = security
        self.codec = codec
        self.logger = logger
        self.isVTN = isVTN
        self.exchange = exchange
    }

    public func respond(to request: Request, context: OpenADRRequestContext) async throws -> Hummingbird.Response {
        do {
            return try await answer(request, from: context.channel)
        } catch let refusal as HTTPRefusal {
            logger.warning(
                "push refused", metadata: ["reason": "\(refusal.reason)", "detail": "\(refusal.detail)"])
            return refusal.response(on: context.channel)
        }
    }

    private func answer(_ request: Request, from channel: any Channel) async throws -> Hummingbird.Response {
        guard let peer = peerCertificate(of: channel), isVTN(peer) else {
            throw HTTPRefusal(.forbidden, reason: "certificate", detail: "only the VTN may push", closes: true)
        }
        let reader = RequestReader(request: request)
        let service = try reader.service()
        guard [.eiEvent, .eiReport, .eiRegisterParty].contains(service) else {
            throw HTTPRefusal(.notFound, reason: "path", detail: "a VEN does not have this service")
        }
        let body = try await reader.body(for: service)
        let payload: Payload
        do throws(DecodingFailure) {
            payload = try codec.decode(body)
        } catch .content(let message, _) {
            try check(body)
            let response = EiResponse(
                code: message.code, description: message.reason, requestID: message.requestID ?? .empty)
            return try sealed(.response(OpenADR.Response(response: response)))
        } catch {
            throw HTTPRefusal(.notAcceptable, reason: "xml", detail: error.description)
        }
        try check(body)
        let answer: Payload?
        do {
            answer = try exchange(payload, service)
        } catch {
            logger.error("push not taken", metadata: ["message": "\(payload.elementName)", "reason": "\(error)"])
            throw HTTPRefusal(.serviceUnavailable, reason: "memory", detail: "try again later", retryAfter: 5)
        }
        logger.info(
            "pushed",
            metadata: ["in": "\(payload.elementName)", "out": "\(answer?.elementName ?? "")"])
        return try answer.map(sealed) ?? Self.response([])
    }

    /// After the schema: a signature is looked at only in what is admitted.
    private func check(_ body: [UInt8]) throws(HTTPRefusal) {
        do {
            try security?.check(body)
        } catch {
            throw .forbidden("signature", "\(error)")
        }
    }

    private func sealed(_ answer: Payload) throws -> Hummingbird.Response {
        let bytes = codec.encode(answer)
        do {
            return Self.response(try security?.sign(bytes) ?? bytes)
        } catch {
            throw HTTPRefusal(.serviceUnavailable, reason: "signature", detail: "try again later", retryAfter: 5)
        }
    }

    /// Of a known length, plain: a VTN that pushes does not ask for anything else (section 9.1.9.4).
    private static func response(_ bytes: [UInt8]) -> Hummingbird.Response {
        Hummingbird.Response(
            status: .ok,
            headers: [.contentType: "application/xml; charset=utf-8", .contentLength: String(bytes.count)],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
