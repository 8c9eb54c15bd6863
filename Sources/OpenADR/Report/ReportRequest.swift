public import Measures

/// `oadrReportRequest`: asks for an offered report.
public struct ReportRequest: Hashable, Sendable {
    public var requestID: ReportRequestID
    public var specifier: ReportSpecifier

    public init(requestID: ReportRequestID, specifier: ReportSpecifier) {
        self.requestID = requestID
        self.specifier = specifier
    }
}

/// `ei:reportSpecifier`: which data, how fine, how often, for when.
public struct ReportSpecifier: Hashable, Sendable {
    public var specifierID: ReportSpecifierID
    /// The step of the data; zero means on change, or as stored (rule 317).
    public var granularity: TimeSpan
    /// The step of the reports; zero means once (rule 324).
    public var reportBackDuration: TimeSpan
    /// From when, and how long; a duration of zero is without end (rule 325).
    public var interval: RequestedInterval?
    /// At least one.
    public var payloads: [SpecifierPayload]

    public init(
        specifierID: ReportSpecifierID, granularity: TimeSpan, reportBackDuration: TimeSpan,
        interval: RequestedInterval? = nil, payloads: [SpecifierPayload]
    ) {
        self.specifierID = specifierID
        self.granularity = granularity
        self.reportBackDuration = reportBackDuration
        self.interval = interval
        self.payloads = payloads
    }
}

/// `ei:reportInterval`.
public struct RequestedInterval: Hashable, Sendable {
    public var start: Instant
    public var duration: TimeSpan

    public init(start: Instant, duration: TimeSpan = .zero) {
        self.start = start
        self.duration = duration
    }
}

/// `ei:specifierPayload`: a data point asked for. It names no unit (rule 321).
public struct SpecifierPayload: Hashable, Sendable {
    public var rID: RID
    /// Should be `.notApplicable` (rule 338).
    public var readingType: ReadingType

    public init(rID: RID, readingType: ReadingType = .notApplicable) {
        self.rID = rID
        self.readingType = readingType
    }
}
