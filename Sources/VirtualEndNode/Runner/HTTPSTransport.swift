public import MutualTLS
public import OpenADR
public import OpenADRXML

/// Reaches a VTN over HTTPS with a client certificate: simple HTTP of the profile, pull (clause 9.2).
public struct HTTPSTransport: OpenADRTransport {
    private let client: HTTPSClient
    private let codec: OpenADRCodec
    private let base: String

    /// - Parameter base: what comes before `/OpenADR2/Simple/2.0b/` in the VTN's URLs; a slash at its end is dropped.
    public init(client: HTTPSClient, codec: OpenADRCodec, base: String = "") {
        self.client = client
        self.codec = codec
        self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
    }

    public func exchange(_ payload: Payload, with service: ServiceName) async throws -> Payload {
        let answer: HTTPSAnswer
        do throws(HTTPSFailure) {
            answer = try await client.post(path: base + service.path, body: codec.encode(payload))
        } catch {
            if case .cancelled = error { throw CancellationError() }
            throw TransportFailure.temporary("\(error)")
        }
        switch answer.status {
        case 200:
            return try decode(answer.body, answering: payload)
        case 404, 406, 413, 501:
            throw TransportFailure.rejected(status: answer.status)
        default:
            throw TransportFailure.temporary("HTTP status \(answer.status)")
        }
    }

    /// Some VTNs answer an acknowledgement with nothing at all.
    private func decode(_ body: [UInt8], answering payload: Payload) throws -> Payload {
        if body.isEmpty, payload.response != nil {
            return .response(Response(response: EiResponse(requestID: payload.requestID ?? .empty)))
        }
        do throws(DecodingFailure) {
            return try codec.decode(body)
        } catch {
            throw TransportFailure.temporary("the answer is no OpenADR: \(error)")
        }
    }
}
