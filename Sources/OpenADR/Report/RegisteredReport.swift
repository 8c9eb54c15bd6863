/// `oadrRegisteredReport`: the answer to an offer, perhaps with requests at once (rule 344).
public struct RegisteredReport: Message {
    public static let elementName = "oadrRegisteredReport"
    public static let service: ServiceName? = .eiReport

    public var response: EiResponse
    public var requests: [ReportRequest]
    public var venID: VENID?

    public init(response: EiResponse, requests: [ReportRequest] = [], venID: VENID? = nil) {
        self.response = response
        self.requests = requests
        self.venID = venID
    }
}
