import Synchronization

/// One request that has been checked.
final class HTTPSRequest: Sendable {
    let path: String
    let contentType: String
    let acceptEncoding: String?
    let body: [UInt8]
    /// Set by the task that waits, maybe before the event loop has heard of the request.
    let isCancelled = Atomic<Bool>(false)

    init(path: String, contentType: String, acceptEncoding: String? = nil, body: [UInt8]) throws(HTTPSFailure) {
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .badRequest("\"\(path)\" is not an absolute, percent-encoded path")
        }
        guard "\(contentType)\(acceptEncoding ?? "")".utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw .badRequest("a header's value holds printable ASCII only")
        }
        self.path = path
        self.contentType = contentType
        self.acceptEncoding = acceptEncoding
        self.body = body
    }
}
