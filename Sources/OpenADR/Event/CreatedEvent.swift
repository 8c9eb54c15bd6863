/// `oadrCreatedEvent`: a VEN answers events.
public struct CreatedEvent: Message {
    public static let elementName = "oadrCreatedEvent"
    public static let service: ServiceName? = .eiEvent

    /// Its requestID is empty when there are event responses (rule 42); an error voids them (rule 25).
    public var response: EiResponse
    /// At least one unless `response` is an error (rule 35).
    public var eventResponses: [EventResponse]
    public var venID: VENID

    public init(response: EiResponse = EiResponse(), eventResponses: [EventResponse] = [], venID: VENID) {
        self.response = response
        self.eventResponses = eventResponses
        self.venID = venID
    }
}

/// `ei:eventResponse`: the answer to one version of an event.
public struct EventResponse: Hashable, Sendable {
    public var code: ResponseCode
    public var description: String?
    /// That of the oadrDistributeEvent which brought the event (rule 42).
    public var requestID: RequestID
    public var event: QualifiedEventID
    public var optType: OptType

    public init(
        code: ResponseCode = .success, description: String? = nil, requestID: RequestID, event: QualifiedEventID,
        optType: OptType
    ) {
        self.code = code
        self.description = description
        self.requestID = requestID
        self.event = event
        self.optType = optType
    }
}
