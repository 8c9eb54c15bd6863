import HTTPTypes
import Hummingbird
import NIOCore

/// A request that is refused before its message is read.
struct HTTPRefusal: Error {
    let status: HTTPResponse.Status
    /// One word, for the metric and the log.
    let reason: String
    /// One sentence, for the peer and the log.
    let detail: String
    var closes = false
    /// Seconds.
    var retryAfter: Int?
    /// Only the log hears why.
    var isSilent = false

    init(
        _ status: HTTPResponse.Status, reason: String, detail: String, closes: Bool = false, retryAfter: Int? = nil,
        isSilent: Bool = false
    ) {
        self.status = status
        self.reason = reason
        self.detail = detail
        self.closes = closes
        self.retryAfter = retryAfter
        self.isSilent = isSilent
    }

    /// The body of the answer.
    var text: String { isSilent ? "" : "\(reason): \(detail)\n" }

    /// - Parameter channel: the connection, which ends with the answer when the refusal `closes`.
    func response(on channel: any Channel) -> Response {
        let text = ByteBuffer(string: text)
        var headers: HTTPFields = [.contentLength: String(text.readableBytes)]
        if !isSilent { headers[.contentType] = "text/plain; charset=utf-8" }
        if closes { headers[.connection] = "close" }
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        guard closes else { return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: text)) }
        // The listener would go on and read the rest: it ends a connection only when the client asks for it.
        let body = ResponseBody(contentLength: text.readableBytes) { writer in
            try await writer.write(text)
            try await writer.finish(nil)
            channel.close(promise: nil)
        }
        return Response(status: status, headers: headers, body: body)
    }
}
