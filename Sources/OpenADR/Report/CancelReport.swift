/// `oadrCancelReport`: ends report requests.
public struct CancelReport: Message {
    public static let elementName = "oadrCancelReport"
    public static let service: ServiceName? = .eiReport

    public var requestID: RequestID
    /// At least one.
    public var reportRequestIDs: [ReportRequestID]
    /// Exactly one more report must come (rule 345).
    public var reportToFollow: Bool
    public var venID: VENID?

    public init(
        requestID: RequestID, reportRequestIDs: [ReportRequestID], reportToFollow: Bool = false, venID: VENID? = nil
    ) {
        self.requestID = requestID
        self.reportRequestIDs = reportRequestIDs
        self.reportToFollow = reportToFollow
        self.venID = venID
    }
}
