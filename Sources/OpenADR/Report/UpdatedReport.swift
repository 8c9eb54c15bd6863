/// `oadrUpdatedReport`: the answer to data, perhaps with the wish for no more of it.
public struct UpdatedReport: Message {
    public static let elementName = "oadrUpdatedReport"
    public static let service: ServiceName? = .eiReport

    public var response: EiResponse
    /// Ids out of the update only; it gets no confirmation (rule 328).
    public var cancel: CancelReport?
    public var venID: VENID?

    public init(response: EiResponse, cancel: CancelReport? = nil, venID: VENID? = nil) {
        self.response = response
        self.cancel = cancel
        self.venID = venID
    }
}
