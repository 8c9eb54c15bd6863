/// `oadrRequestEvent`: a VEN asks for its events (rule 23).
public struct RequestEvent: Message {
    public static let elementName = "oadrRequestEvent"
    public static let service: ServiceName? = .eiEvent

    public var requestID: RequestID
    public var venID: VENID
    /// At most so many events in the answer, from the start of the VTN's list (rule 27).
    public var replyLimit: UInt32?

    public init(requestID: RequestID, venID: VENID, replyLimit: UInt32? = nil) {
        self.requestID = requestID
        self.venID = venID
        self.replyLimit = replyLimit
    }
}
