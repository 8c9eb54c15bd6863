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

    /// The high security level: what goes out is signed, and nothing comes in that the VTN did not sign (rule 514).
    public struct Security: Sendable {
        let check: @Sendable ([UInt8]) throws -> Void
        let sign: @Sendable ([UInt8]) throws -> [UInt8]

        /// - Parameters:
        ///   - check: throws for a message that is not signed well, not now, or not for the first time.
        ///   - sign: the message with its signature.
        public init(
            check: @escaping @Sendable ([UInt8]) throws -> Void, sign: @escaping @Sendable ([UInt8]) throws -> [UInt8]
        ) {
            self.check = check
            self.sign = sign
        }
    }

    private let codec: OpenADRCodec
    private let logger: Logger
    private let isVTN: @Sendable (PeerCertificate) -> Bool
    private let security: Security?
    private let exchange: Exchange

    public init(
        codec: OpenADRCodec, logger: Logger, isVTN: @escaping @Sendable (PeerCertificate) -> Bool,
        security: Security? = nil, exchange: @escaping Exchange
    ) {
        self.codec = codec
        self.logger = logger
        self.isVTN = isVTN
        self.security = security
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
            let response = EiResponse(
                code: message.code, description: message.reason, requestID: message.requestID ?? .empty)
            try check(body)
            return Self.response(try sealed(.response(OpenADR.Response(response: response))))
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
        return Self.response(try answer.map(sealed) ?? [])
    }

    /// Once the codec has bounded it. The profile has a device ignore what is not signed well.
    private func check(_ body: [UInt8]) throws(HTTPRefusal) {
        do {
            try security?.check(body)
        } catch {
            throw HTTPRefusal(.forbidden, reason: "signature", detail: "\(error)", isSilent: true)
        }
    }

    private func sealed(_ answer: Payload) throws -> [UInt8] {
        let plain = codec.encode(answer)
        return try security?.sign(plain) ?? plain
    }

    /// Of a known length, plain: a VTN that pushes does not ask for anything else (section 9.1.9.4).
    private static func response(_ bytes: [UInt8]) -> Hummingbird.Response {
        Hummingbird.Response(
            status: .ok,
            headers: [.contentType: "application/xml; charset=utf-8", .contentLength: String(bytes.count)],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
