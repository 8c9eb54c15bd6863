/// `oadrCreatedReport`: the answer to a request for reports.
public struct CreatedReport: Message {
    public static let elementName = "oadrCreatedReport"
    public static let service: ServiceName? = .eiReport

    public var response: EiResponse
    /// Every report that is still scheduled, not only the new ones (rule 329).
    public var pending: [ReportRequestID]
    public var venID: VENID?

    public init(response: EiResponse, pending: [ReportRequestID] = [], venID: VENID? = nil) {
        self.response = response
        self.pending = pending
        self.venID = venID
    }
}
