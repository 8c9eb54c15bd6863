public import Measures
public import OpenADR

/// One message in or out, as it is kept for operators. A request and its answer are two, one after the other.
public struct WireRecord: Hashable, Sendable {
    public enum Direction: String, Hashable, Codable, Sendable, CaseIterable {
        /// From a VEN to the VTN.
        case received
        case sent
    }

    /// The longest text that is kept, in bytes.
    public static let longestText = 16_384

    public var at: Instant
    public var direction: Direction
    /// Of the certificate, never what the message claims; nil for a certificate that nobody admitted.
    public var venID: VENID?
    /// Nil before anybody has shown one.
    public var certificate: CertificateDigest?
    /// The element, such as `oadrPoll`; nil for what is no message.
    public var message: String?
    public var requestID: RequestID?
    /// Of HTTP.
    public var status: Int?
    /// Inside the message.
    public var code: ResponseCode?
    /// Why the request was refused before its message was read, in one word.
    public var reason: String?
    /// Microseconds from the head of the request to the answer.
    public var microseconds: Int64?
    /// Bytes of the whole message.
    public var size: Int
    /// Its beginning, at most ``longestText`` bytes.
    public var text: String
    /// What was tolerated.
    public var warnings: [String]

    public init(
        at: Instant, direction: Direction, venID: VENID? = nil, certificate: CertificateDigest? = nil,
        message: String? = nil, requestID: RequestID? = nil, status: Int? = nil, code: ResponseCode? = nil,
        reason: String? = nil, microseconds: Int64? = nil, bytes: [UInt8] = [], warnings: [String] = []
    ) {
        self.at = at
        self.direction = direction
        self.venID = venID
        self.certificate = certificate
        self.message = message
        self.requestID = requestID
        self.status = status
        self.code = code
        self.reason = reason
        self.microseconds = microseconds
        size = bytes.count
        // A character that the cut goes through, and what is no UTF-8, becomes U+FFFD.
        text = String(decoding: bytes.prefix(Self.longestText), as: UTF8.self)
        self.warnings = warnings
    }

    /// Whether `text` is not all of the message.
    public var isCut: Bool { size > Self.longestText }
}
