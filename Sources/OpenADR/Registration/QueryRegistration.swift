/// `oadrQueryRegistration`: asks a VTN what it speaks, without registering.
public struct QueryRegistration: Message {
    public static let elementName = "oadrQueryRegistration"
    public static let service: ServiceName? = .eiRegisterParty

    public var requestID: RequestID

    public init(requestID: RequestID) {
        self.requestID = requestID
    }
}
