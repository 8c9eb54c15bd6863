public import Measures

/// `oadrReportDescription`: a data point on offer.
public struct ReportDescription: Hashable, Sendable {
    public var rID: RID
    /// Only device classes, and-ed with the source (rule 307).
    public var subject: Target
    /// Nothing means all resources of the sender (rule 343).
    public var dataSource: Target
    public var reportType: ReportType
    public var itemBase: ItemBase?
    public var readingType: ReadingType
    public var marketContext: MarketContext?
    /// Required for telemetry (rule 333).
    public var samplingRate: SamplingRate?

    public init(
        rID: RID, subject: Target = .everything, dataSource: Target = .everything, reportType: ReportType,
        itemBase: ItemBase? = nil, readingType: ReadingType, marketContext: MarketContext? = nil,
        samplingRate: SamplingRate? = nil
    ) {
        self.rID = rID
        self.subject = subject
        self.dataSource = dataSource
        self.reportType = reportType
        self.itemBase = itemBase
        self.readingType = readingType
        self.marketContext = marketContext
        self.samplingRate = samplingRate
    }
}

/// `oadrSamplingRate`.
public struct SamplingRate: Hashable, Sendable {
    /// The fastest sampling.
    public var minPeriod: TimeSpan
    /// The slowest; at most the report's duration (rule 312).
    public var maxPeriod: TimeSpan
    public var onChange: Bool

    public init(minPeriod: TimeSpan, maxPeriod: TimeSpan, onChange: Bool = false) {
        self.minPeriod = minPeriod
        self.maxPeriod = maxPeriod
        self.onChange = onChange
    }
}
