/// `oadrCreatedOpt`: the answer to `oadrCreateOpt`.
public struct CreatedOpt: Message {
    public static let elementName = "oadrCreatedOpt"
    public static let service: ServiceName? = .eiOpt

    public var response: EiResponse
    public var optID: OptID

    public init(response: EiResponse, optID: OptID) {
        self.response = response
        self.optID = optID
    }
}
