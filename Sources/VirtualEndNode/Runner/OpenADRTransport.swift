public import Measures
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
    /// The VTN has too much to do and says when to come again (503 with Retry-After).
    case postponed(TimeSpan)
    /// The VTN broke down over this message (500): it may do so again, and the others must not wait for that.
    case broken
    /// The VTN does not take this message (404, 406, 501): the same message again makes no sense.
    case rejected(status: Int)
}

extension EndNodeInput {
    /// What an exchange that failed means to the VEN.
    public init(failure: any Error) {
        switch failure as? TransportFailure {
        case .rejected?: self = .rejected
        case .postponed(let span)?: self = .postponed(span)
        case .broken?: self = .broken
        case .temporary?, nil: self = .failed
        }
    }
}
