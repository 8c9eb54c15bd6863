/// `oadrDistributeEvent`: every live event of a VEN, in the standard's order (rules 15 and 50).
public struct DistributeEvent: Message {
    public static let elementName = "oadrDistributeEvent"
    public static let service: ServiceName? = .eiEvent

    /// Present in an answer, absent in a push (rule 40).
    public var response: EiResponse?
    /// Never empty (rule 41); the VEN repeats it in each of its event responses.
    public var requestID: RequestID
    public var vtnID: VTNID
    public var events: [Event]
    /// Events that came in but cannot be used; the others are taken all the same (rule 19). Never sent.
    public var faultyEvents: [FaultyEvent]

    public init(
        response: EiResponse? = nil, requestID: RequestID, vtnID: VTNID, events: [Event] = [],
        faultyEvents: [FaultyEvent] = []
    ) {
        self.response = response
        self.requestID = requestID
        self.vtnID = vtnID
        self.events = events
        self.faultyEvents = faultyEvents
    }
}

/// An event whose id is known, but whose content makes no sense: it is answered with a code, and its last good version
/// stays in force.
public struct FaultyEvent: Hashable, Sendable {
    public var event: QualifiedEventID
    public var responseRequired: ResponseRequired
    public var code: ResponseCode
    /// One line, for the sender and the log.
    public var reason: String

    public init(
        event: QualifiedEventID, responseRequired: ResponseRequired = .always, code: ResponseCode, reason: String
    ) {
        self.event = event
        self.responseRequired = responseRequired
        self.code = code
        self.reason = reason
    }
}
