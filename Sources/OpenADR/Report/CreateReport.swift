/// `oadrCreateReport`: asks for reports.
public struct CreateReport: Message {
    public static let elementName = "oadrCreateReport"
    public static let service: ServiceName? = .eiReport

    public var requestID: RequestID
    /// At least one.
    public var requests: [ReportRequest]
    public var venID: VENID?

    public init(requestID: RequestID, requests: [ReportRequest], venID: VENID? = nil) {
        self.requestID = requestID
        self.requests = requests
        self.venID = venID
    }
}
