public import Measures
public import OpenADR

/// A poll for which nothing waited, byte for byte, and the answer to it. As neither says anything that changes, a VEN's are
/// the same again and again.
public struct IdleExchange: Hashable, Sendable {
    public let poll: [UInt8]
    public let answer: [UInt8]

    public init(poll: [UInt8], answer: [UInt8]) {
        self.poll = poll
        self.answer = answer
    }
}

/// Polls of one VEN for which nothing waited, one after the other, all with the same bytes.
public struct PollRun: Hashable, Sendable {
    public struct Poll: Hashable, Sendable {
        /// When it was answered.
        public let at: Instant
        /// Microseconds from the head of the request to the answer.
        public let microseconds: Int64

        public init(at: Instant, microseconds: Int64) {
            self.at = at
            self.microseconds = microseconds
        }
    }

    public let venID: VENID
    public let certificate: CertificateDigest
    public let exchange: IdleExchange
    /// In the order in which they came; at least one.
    public var polls: [Poll]

    public init(venID: VENID, certificate: CertificateDigest, exchange: IdleExchange, polls: [Poll]) {
        self.venID = venID
        self.certificate = certificate
        self.exchange = exchange
        self.polls = polls
    }

    /// Each poll and its answer as the payload log shows them.
    public var records: [WireRecord] {
        let received = WireRecord(
            at: Instant(secondsSinceEpoch: 0), direction: .received, venID: venID, certificate: certificate,
            message: Poll.received, bytes: exchange.poll)
        let sent = WireRecord(
            at: Instant(secondsSinceEpoch: 0), direction: .sent, venID: venID, certificate: certificate,
            message: Poll.sent, requestID: .empty, status: 200, code: .success, bytes: exchange.answer)
        return polls.flatMap { poll in
            var (received, sent) = (received, sent)
            (received.at, sent.at, sent.microseconds) = (poll.at, poll.at, poll.microseconds)
            return [received, sent]
        }
    }
}

extension PollRun.Poll {
    static let received = OpenADR.Poll.elementName
    static let sent = Response.elementName
}
