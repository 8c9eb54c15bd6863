/// `ei:eiResponse`: how a request went.
public struct EiResponse: Hashable, Sendable {
    public var code: ResponseCode
    public var description: String?
    /// The request's id when it had one (rules 207 and 303).
    public var requestID: RequestID

    public init(code: ResponseCode = .success, description: String? = nil, requestID: RequestID = .empty) {
        self.code = code
        self.description = description
        self.requestID = requestID
    }
}
