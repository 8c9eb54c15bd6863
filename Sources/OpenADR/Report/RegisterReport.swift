/// `oadrRegisterReport`: offers reports. Complete: it replaces everything offered before (rule 306).
public struct RegisterReport: Message {
    public static let elementName = "oadrRegisterReport"
    public static let service: ServiceName? = .eiReport

    public var requestID: RequestID
    /// None when nothing is on offer (rule 305).
    public var reports: [MetadataReport]
    public var venID: VENID?
    /// Only in the answer to a request for metadata, as its id (rule 311).
    public var reportRequestID: ReportRequestID?

    public init(
        requestID: RequestID, reports: [MetadataReport] = [], venID: VENID? = nil,
        reportRequestID: ReportRequestID? = nil
    ) {
        self.requestID = requestID
        self.reports = reports
        self.venID = venID
        self.reportRequestID = reportRequestID
    }
}
