public import OpenADR

/// How a VEN reaches its VTN.
public protocol OpenADRTransport: Sendable {
    /// Posts the message to the service and returns the answer. Throws `TransportFailure` where it knows the reason;
    /// any other error counts as one that a later attempt may not meet.
    func exchange(_ payload: Payload, with service: ServiceName) async throws -> Payload
}

/// Why a message got no answer.
public enum TransportFailure: Error, Hashable, Sendable {
    /// Not reached, cut off, overloaded, or an answer that is no OpenADR: worth another attempt.
    case temporary(String)
    /// The VTN does not take this message (404, 406, 501): the same message again makes no sense.
    case rejected(status: Int)
}
