/// `oadrResponse`: an acknowledgement without content of its own, at the service it acknowledges.
public struct Response: Message {
    public static let elementName = "oadrResponse"
    public static let service: ServiceName? = nil

    public var response: EiResponse
    public var venID: VENID?

    public init(response: EiResponse, venID: VENID? = nil) {
        self.response = response
        self.venID = venID
    }
}
