/// The three digits of an application-level answer (specification 8.7).
///
/// Receivers judge by the class; the exact number informs, unless a rule names it (rule 48).
public struct ResponseCode: RawRepresentable, Hashable, Codable, Sendable {
    /// 0 to 999.
    public let rawValue: Int

    /// Nil outside 0 to 999.
    public init?(rawValue: Int) {
        guard (0...999).contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    /// Exactly three digits, as in `ei:responseCode`.
    public init?(_ text: some StringProtocol) {
        let digits = text.utf8
        guard digits.count == 3, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(text)
        else { return nil }
        rawValue = number
    }

    private init(_ number: Int) { rawValue = number }

    public static let success = ResponseCode(200)
    /// A lower modificationNumber than the known one, or a stale one.
    public static let outOfSequence = ResponseCode(450)
    /// Such as a change that concerns the past.
    public static let notAllowed = ResponseCode(451)
    public static let invalidID = ResponseCode(452)
    public static let notRecognised = ResponseCode(453)
    public static let invalidData = ResponseCode(454)
    /// Any other breach of the standard: missing information, a payload that the service does not take (rule 33).
    public static let complianceError = ResponseCode(459)
    public static let signalNotSupported = ResponseCode(460)
    public static let reportNotSupported = ResponseCode(461)
    /// The market context or the target cannot be resolved.
    public static let targetMismatch = ResponseCode(462)
    /// Not registered or not authorised (rule 517).
    public static let notRegistered = ResponseCode(463)
    /// Any other error of the deployment, such as a resource that cannot be resolved (rule 112).
    public static let deploymentError = ResponseCode(469)

    public var isSuccess: Bool { (200...299).contains(rawValue) }
}

extension ResponseCode: CustomStringConvertible {
    /// Three digits.
    public var description: String {
        let digits = String(rawValue)
        return String(repeating: "0", count: 3 - digits.count) + digits
    }
}
