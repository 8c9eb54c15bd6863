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

    init(
        _ status: HTTPResponse.Status, reason: String, detail: String, closes: Bool = false, retryAfter: Int? = nil
    ) {
        self.status = status
        self.reason = reason
        self.detail = detail
        self.closes = closes
        self.retryAfter = retryAfter
    }

    /// - Parameter channel: the connection, which ends with the answer when the refusal `closes`.
    func response(on channel: any Channel) -> Response {
        let text = ByteBuffer(string: "\(reason): \(detail)\n")
        var headers: HTTPFields = [
            .contentType: "text/plain; charset=utf-8", .contentLength: String(text.readableBytes),
        ]
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
