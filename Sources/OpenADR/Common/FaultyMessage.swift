/// What is still known of a message that was valid XML of the profile, but whose content made no sense.
///
/// It is answered as a message is, with a code of class 4xx in its natural response.
public struct FaultyMessage: Hashable, Sendable {
    /// Such as `oadrCreateOpt`.
    public let elementName: String
    public let venID: VENID?
    /// To echo in the answer.
    public let requestID: RequestID?
    /// The id that the answer has to repeat: the optID of an opt, the registrationID of a cancelled registration.
    public let subject: String?
    public let code: ResponseCode
    /// One line, for the sender and the log.
    public let reason: String

    public init(
        elementName: String, venID: VENID? = nil, requestID: RequestID? = nil, subject: String? = nil,
        code: ResponseCode, reason: String
    ) {
        self.elementName = elementName
        self.venID = venID
        self.requestID = requestID
        self.subject = subject
        self.code = code
        self.reason = reason
    }

    /// Where it is posted; nil for `oadrResponse`, which every service takes.
    public var service: ServiceName? { Payload.services[elementName] ?? nil }
}

/// What came in: a message, or one whose content cannot be used.
public enum ReceivedMessage: Hashable, Sendable {
    case sound(Payload)
    case faulty(FaultyMessage)

    public var elementName: String {
        switch self {
        case .sound(let payload): payload.elementName
        case .faulty(let message): message.elementName
        }
    }

    public var venID: VENID? {
        switch self {
        case .sound(let payload): payload.venID
        case .faulty(let message): message.venID
        }
    }

    public var requestID: RequestID? {
        switch self {
        case .sound(let payload): payload.requestID
        case .faulty(let message): message.requestID
        }
    }
}
