/// `oadrCancelOpt`: withdraws every opt with this id (rule 204).
public struct CancelOpt: Message {
    public static let elementName = "oadrCancelOpt"
    public static let service: ServiceName? = .eiOpt

    public var requestID: RequestID
    public var optID: OptID
    public var venID: VENID

    public init(requestID: RequestID, optID: OptID, venID: VENID) {
        self.requestID = requestID
        self.optID = optID
        self.venID = venID
    }
}
