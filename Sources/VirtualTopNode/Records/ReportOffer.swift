public import Measures
public import OpenADR

/// A report that a VEN can make, from its metadata (rules 305 to 312).
public struct ReportOffer: Hashable, Sendable {
    public let venID: VENID
    /// Unique per VEN (rule 308).
    public let specifierID: ReportSpecifierID
    /// Without `METADATA_`.
    public let name: ReportName
    /// How much the VEN keeps at its fastest sampling; a request must not ask for more (rule 340).
    public let capacity: TimeSpan
    public let dataPoints: [OfferedDataPoint]

    public init(
        venID: VENID, specifierID: ReportSpecifierID, name: ReportName, capacity: TimeSpan,
        dataPoints: [OfferedDataPoint]
    ) {
        self.venID = venID
        self.specifierID = specifierID
        self.name = name
        self.capacity = capacity
        self.dataPoints = dataPoints
    }
}

/// One series of a report.
public struct OfferedDataPoint: Hashable, Sendable {
    /// Unique inside its report (rule 308).
    public let rID: RID
    public let reportType: ReportType
    public let readingType: ReadingType
    public let unit: MeasurementUnit
    /// The resource it is measured at; nil for the VEN as a whole (rule 343), and for the aggregate of several.
    public let resource: ResourceID?
    /// What an aggregate is made of (rule 302); empty for one resource and for the VEN as a whole.
    public let aggregate: [ResourceID]
    /// Only devices of these kinds (rule 307); none means all.
    public let deviceClasses: [DeviceClass]
    /// Only what takes part in this programme; nil means all.
    public let marketContext: MarketContext?
    public let minPeriod: TimeSpan?
    public let maxPeriod: TimeSpan?
    public let onChange: Bool

    public init(
        rID: RID, reportType: ReportType, readingType: ReadingType, unit: MeasurementUnit, resource: ResourceID? = nil,
        aggregate: [ResourceID] = [], deviceClasses: [DeviceClass] = [], marketContext: MarketContext? = nil,
        minPeriod: TimeSpan? = nil, maxPeriod: TimeSpan? = nil, onChange: Bool = false
    ) {
        self.rID = rID
        self.reportType = reportType
        self.readingType = readingType
        self.unit = unit
        self.resource = resource
        self.aggregate = aggregate
        self.deviceClasses = deviceClasses
        self.marketContext = marketContext
        self.minPeriod = minPeriod
        self.maxPeriod = maxPeriod
        self.onChange = onChange
    }
}

/// The unit that the numbers of a series are turned into.
public enum MeasurementUnit: Hashable, Sendable {
    /// Real power: W = number on the wire x `scale`.
    case watts(scale: Double)
    /// Real energy: Wh = number on the wire x `scale`.
    case wattHours(scale: Double)
    /// Kept as it comes.
    case other

    public init(_ itemBase: ItemBase?) {
        switch itemBase {
        case .power(.real, _, let scale, _): self = .watts(scale: scale.factor)
        case .energy(.real, let scale): self = .wattHours(scale: scale.factor)
        default: self = .other
        }
    }
}
