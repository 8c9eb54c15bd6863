import HTTPCoding
import Measures
public import MutualTLS
public import OpenADR
public import OpenADRXML

/// Reaches a VTN over HTTPS with a client certificate: simple HTTP of the profile, pull (clause 9.2).
public struct HTTPSTransport: OpenADRTransport {
    private let client: HTTPSClient
    private let codec: OpenADRCodec
    private let base: String
    private let signing: MessageSigning?

    /// - Parameters:
    ///   - base: what comes before `/OpenADR2/Simple/2.0b/` in the VTN's URLs; a slash at its end is dropped.
    ///   - signing: signs what goes out, and lets nothing in that the VTN did not sign; nil for the standard security
    ///     level, where TLS alone says who is there.
    public init(client: HTTPSClient, codec: OpenADRCodec, base: String = "", signing: MessageSigning? = nil) {
        self.signing = signing
        self.client = client
        self.codec = codec
        self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
    }

    public func exchange(_ payload: Payload, with service: ServiceName) async throws -> Payload {
        let plain = codec.encode(payload)
        let message = try signing?.sign(plain) ?? plain
        let answer: HTTPSAnswer
        do throws(HTTPSFailure) {
            answer = try await client.post(
                path: base + service.path, body: message,
                contentType: "application/xml; charset=utf-8", acceptEncoding: ContentCoding.gzip.rawValue)
        } catch {
            if case .cancelled = error { throw CancellationError() }
            throw TransportFailure.temporary("\(error)")
        }
        switch answer.status {
        case 200:
            return try decode(unpacked(answer), answering: payload)
        case 404, 406, 413, 501:
            throw TransportFailure.rejected(status: answer.status)
        case 503:
            let wait = answer.header("Retry-After").flatMap { Int64($0) }
            throw wait.map { .postponed(.seconds(min(max($0, 1), 3_600))) }
                ?? TransportFailure.temporary("HTTP status 503")
        case 500:
            throw TransportFailure.broken
        default:
            throw TransportFailure.temporary("HTTP status \(answer.status)")
        }
    }

    /// The body of an answer that may have come squeezed, and is no longer than a plain one may be.
    private func unpacked(_ answer: HTTPSAnswer) throws(TransportFailure) -> [UInt8] {
        guard let name = answer.header("Content-Encoding"), name.lowercased() != "identity" else { return answer.body }
        guard let coding = ContentCoding(named: name) else {
            throw .temporary("the answer's coding is not known: \(name.prefix(40))")
        }
        do {
            return try coding.decode(answer.body, limit: Self.longestAnswer)
        } catch {
            throw .temporary("the answer is not \(name): \(error)")
        }
    }

    /// Bytes of XML.
    private static let longestAnswer = 1 << 20

    /// Some VTNs answer an acknowledgement with nothing at all.
    private func decode(_ body: [UInt8], answering payload: Payload) throws -> Payload {
        if body.isEmpty, payload.response != nil {
            return .response(Response(response: EiResponse(requestID: payload.requestID ?? .empty)))
        }
        let answer: Payload
        do throws(DecodingFailure) {
            answer = try codec.decode(body)
        } catch {
            throw TransportFailure.temporary("the answer is no OpenADR: \(error)")
        }
        // Once the codec has bounded it.
        try signing?.check(body)
        return answer
    }
}
