public import Measures
public import OpenADR

/// A report that a VEN offers: TELEMETRY_USAGE, TELEMETRY_STATUS or HISTORY_USAGE (rules 305 to 333).
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

    public enum Kind: String, Hashable, Codable, CaseIterable, Sendable {
        /// What the meters show, again and again or once.
        case usage
        /// Whether the resources are online, and whether people took over.
        case status
        /// What the meters showed, in steps of `minPeriod`.
        case history
    }

    public var specifierID: ReportSpecifierID
    public var kind: Kind
    public var points: [Point]
    public var unit: Unit
    /// The fastest and the slowest sampling.
    public var minPeriod: TimeSpan
    public var maxPeriod: TimeSpan
    /// How much is kept; at least `maxPeriod` (rule 312).
    public var capacity: TimeSpan
    /// Whether it can be asked for only what has changed (rule 317).
    public var onChange: Bool
    /// How long after its end an interval is reported, so that its values are there.
    public var delay: TimeSpan

    public init(
        specifierID: ReportSpecifierID, kind: Kind = .usage, points: [Point], unit: Unit = .wattHours,
        minPeriod: TimeSpan = .minutes(1), maxPeriod: TimeSpan = .hours(1), capacity: TimeSpan = .days(1),
        onChange: Bool = false, delay: TimeSpan = .zero
    ) {
        self.specifierID = specifierID
        self.kind = kind
        self.onChange = onChange
        self.points = points
        self.unit = unit
        self.minPeriod = minPeriod
        self.maxPeriod = maxPeriod
        self.capacity = capacity
        self.delay = delay
    }

    func metadata(createdDateTime: Instant) -> MetadataReport {
        MetadataReport(
            specifierID: specifierID, name: kind.metadataName, duration: max(capacity, maxPeriod),
            descriptions: points.map { point in
                ReportDescription(
                    rID: point.rID,
                    dataSource: point.resource.map { Target(resourceIDs: [$0]) } ?? .everything,
                    reportType: kind == .status ? .resourceStatus : .usage, itemBase: itemBase,
                    readingType: readingType,
                    samplingRate: SamplingRate(minPeriod: minPeriod, maxPeriod: maxPeriod, onChange: onChange))
            }, createdDateTime: createdDateTime)
    }

    private var itemBase: ItemBase? {
        kind == .status ? nil : unit == .wattHours ? .energy(.real) : .realPower()
    }

    private var readingType: ReadingType {
        kind == .status ? .notApplicable : unit == .wattHours ? .directRead : .mean
    }
}

extension TelemetryOffer.Kind {
    fileprivate var metadataName: ReportName {
        switch self {
        case .usage: .metadataTelemetryUsage
        case .status: .metadataTelemetryStatus
        case .history: .metadataHistoryUsage
        }
    }

    /// As it stands over the data.
    var name: ReportName {
        switch self {
        case .usage: .telemetryUsage
        case .status: .telemetryStatus
        case .history: .historyUsage
        }
    }
}
