public import Measures
public import OpenADR

/// What was answered to a request that changes something, so that the same request has no second effect.
///
/// Its key is (certificate, message, requestID). The answer is kept as facts; the message is made from them again.
public struct StoredAnswer: Hashable, Sendable {
    public struct Key: Hashable, Sendable {
        public let certificate: CertificateDigest
        /// The element's name, such as `oadrRegisterReport`.
        public let message: String
        /// Never empty: a request without an id is known by its content.
        public let requestID: RequestID

        public init(certificate: CertificateDigest, message: String, requestID: RequestID) {
            self.certificate = certificate
            self.message = message
            self.requestID = requestID
        }
    }

    public let key: Key
    /// Of the request's content: the same id with other content is refused (454).
    public let contentDigest: UInt64
    public let code: ResponseCode
    public let explanation: String?
    /// The ids that the answer gives: registration and VEN, report requests, or an opt.
    public let references: [String]
    public let answeredAt: Instant

    public init(
        key: Key, contentDigest: UInt64, code: ResponseCode, explanation: String?, references: [String],
        answeredAt: Instant
    ) {
        self.key = key
        self.contentDigest = contentDigest
        self.code = code
        self.explanation = explanation
        self.references = references
        self.answeredAt = answeredAt
    }
}
