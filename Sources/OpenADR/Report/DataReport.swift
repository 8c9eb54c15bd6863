public import Measures

/// `oadrReport` in an update: data for a running request. It describes nothing (rule 313).
public struct DataReport: Hashable, Sendable {
    public var requestID: ReportRequestID
    public var specifierID: ReportSpecifierID
    /// Without `METADATA_`.
    public var name: ReportName?
    /// The start of the first interval (rule 314).
    public var start: Instant?
    public var duration: TimeSpan?
    /// Oldest first.
    public var intervals: [ReportInterval]
    public var createdDateTime: Instant

    public init(
        requestID: ReportRequestID, specifierID: ReportSpecifierID, name: ReportName?, start: Instant?,
        duration: TimeSpan? = nil, intervals: [ReportInterval], createdDateTime: Instant
    ) {
        self.requestID = requestID
        self.specifierID = specifierID
        self.name = name
        self.start = start
        self.duration = duration
        self.intervals = intervals
        self.createdDateTime = createdDateTime
    }
}

/// `ei:interval` of a report. Without a duration its values are points in time, with one they cover it (rule 315).
public struct ReportInterval: Hashable, Sendable {
    public var start: Instant?
    public var duration: TimeSpan?
    /// 0, 1, 2, … when the intervals have no start of their own (rule 316).
    public var uid: Int?
    /// At least one, unless there is Green Button.
    public var payloads: [ReportPayload]
    /// Of HISTORY_GREENBUTTON: energy in its own form (`oadrGBPayload`).
    public var greenButton: [GreenButtonFeed]

    public init(
        start: Instant?, duration: TimeSpan? = nil, uid: Int? = nil, payloads: [ReportPayload],
        greenButton: [GreenButtonFeed] = []
    ) {
        self.start = start
        self.duration = duration
        self.uid = uid
        self.payloads = payloads
        self.greenButton = greenButton
    }
}

/// `oadrReportPayload`: the value of one data point.
public struct ReportPayload: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case float(Double)
        case resourceStatus(ResourceStatus)
    }

    public var rID: RID
    /// Percent, 0 to 100.
    public var confidence: UInt8?
    /// In the unit of the value: its likely variability (rule 319).
    public var accuracy: Double?
    public var value: Value
    public var quality: DataQuality?

    public init(
        rID: RID, confidence: UInt8? = nil, accuracy: Double? = nil, value: Value, quality: DataQuality? = nil
    ) {
        self.rID = rID
        self.confidence = confidence
        self.accuracy = accuracy
        self.value = value
        self.quality = quality
    }
}
