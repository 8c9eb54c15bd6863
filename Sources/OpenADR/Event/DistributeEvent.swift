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

    public init(response: EiResponse? = nil, requestID: RequestID, vtnID: VTNID, events: [Event] = []) {
        self.response = response
        self.requestID = requestID
        self.vtnID = vtnID
        self.events = events
    }
}
