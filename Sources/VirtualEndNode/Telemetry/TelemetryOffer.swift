public import Measures
public import OpenADR

/// A TELEMETRY_USAGE report that a VEN offers (rules 305 to 333).
public struct TelemetryOffer: Hashable, Sendable {
    /// One meter behind the VEN.
    public struct Point: Hashable, Sendable {
        public var rID: RID
        /// Nil is the VEN as a whole (rule 343).
        public var resource: ResourceID?

        public init(rID: RID, resource: ResourceID? = nil) {
            self.rID = rID
            self.resource = resource
        }
    }

    /// What the numbers are.
    public enum Unit: String, Hashable, Codable, Sendable {
        /// Energy of each interval in Wh.
        case wattHours
        /// Mean power of each interval in W.
        case watts
    }

    public var specifierID: ReportSpecifierID
    public var points: [Point]
    public var unit: Unit
    /// The fastest and the slowest sampling.
    public var minPeriod: TimeSpan
    public var maxPeriod: TimeSpan
    /// How much is kept; at least `maxPeriod` (rule 312).
    public var capacity: TimeSpan
    /// How long after its end an interval is reported, so that its values are there.
    public var delay: TimeSpan

    public init(
        specifierID: ReportSpecifierID, points: [Point], unit: Unit = .wattHours, minPeriod: TimeSpan = .minutes(1),
        maxPeriod: TimeSpan = .hours(1), capacity: TimeSpan = .days(1), delay: TimeSpan = .zero
    ) {
        self.specifierID = specifierID
        self.points = points
        self.unit = unit
        self.minPeriod = minPeriod
        self.maxPeriod = maxPeriod
        self.capacity = capacity
        self.delay = delay
    }

    func metadata(createdDateTime: Instant) -> MetadataReport {
        MetadataReport(
            specifierID: specifierID, name: .metadataTelemetryUsage, duration: max(capacity, maxPeriod),
            descriptions: points.map { point in
                ReportDescription(
                    rID: point.rID,
                    dataSource: point.resource.map { Target(resourceIDs: [$0]) } ?? .everything,
                    reportType: .usage, itemBase: unit == .wattHours ? .energy(.real) : .realPower(),
                    readingType: unit == .wattHours ? .directRead : .mean,
                    samplingRate: SamplingRate(minPeriod: minPeriod, maxPeriod: maxPeriod))
            }, createdDateTime: createdDateTime)
    }
}
