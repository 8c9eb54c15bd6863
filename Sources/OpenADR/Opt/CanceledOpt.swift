/// `oadrCanceledOpt`: the answer to `oadrCancelOpt`.
public struct CanceledOpt: Message {
    public static let elementName = "oadrCanceledOpt"
    public static let service: ServiceName? = .eiOpt

    public var response: EiResponse
    public var optID: OptID?

    public init(response: EiResponse, optID: OptID? = nil) {
        self.response = response
        self.optID = optID
    }
}
