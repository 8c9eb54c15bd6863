/// `oadrUpdateReport`: delivers data.
public struct UpdateReport: Message {
    public static let elementName = "oadrUpdateReport"
    public static let service: ServiceName? = .eiReport

    public var requestID: RequestID
    public var reports: [DataReport]
    public var venID: VENID?

    public init(requestID: RequestID, reports: [DataReport], venID: VENID? = nil) {
        self.requestID = requestID
        self.reports = reports
        self.venID = venID
    }
}
