/// Why a request got no answer. Except for ``badRequest(_:)`` it is not known whether the server has seen the request.
public enum HTTPSFailure: Error, Hashable, Sendable {
    /// A path that is not a plain absolute path, or a header value with control characters.
    case badRequest(String)
    /// No TCP connection.
    case cannotConnect(String)
    case tls(TLSFailure)
    /// No whole answer within the time that was set.
    case timeout
    /// The server closed the connection before the whole answer.
    case connectionLost(String)
    /// The answer is longer than was set, in bytes.
    case answerTooLong(limit: Int)
    /// Not HTTP/1.1.
    case badAnswer(String)
    /// The task that waited was cancelled.
    case cancelled
    /// The client has been closed.
    case clientClosed
}

extension HTTPSFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badRequest(let reason): "The request is not sent: \(reason)."
        case .cannotConnect(let reason): "No connection: \(reason)."
        case .tls(let failure): "\(failure)"
        case .timeout: "No answer in time."
        case .connectionLost(let reason): "The connection was lost before the whole answer had come: \(reason)."
        case .answerTooLong(let limit): "The answer is longer than \(limit) bytes."
        case .badAnswer(let reason): "The answer is not HTTP/1.1: \(reason)."
        case .cancelled: "The request was cancelled."
        case .clientClosed: "The client is closed."
        }
    }
}
