public import Measures

/// An Atom feed of energy usage in the form of ESPI (NAESB REQ.21): what a HISTORY_GREENBUTTON report carries, and what
/// describes it in metadata.
///
/// ```
/// usage point ◀─up─ meter reading ◀─up─ interval block, interval block, …
///                       └─related─▶ reading type
/// ```
public struct GreenButtonFeed: Hashable, Sendable {
    /// A URI.
    public var id: String
    public var title: String
    public var updated: Instant?
    public var entries: [GreenButtonEntry]

    public init(id: String, title: String, updated: Instant?, entries: [GreenButtonEntry]) {
        self.id = id
        self.title = title
        self.updated = updated
        self.entries = entries
    }
}

/// `atom:entry`: a resource, and which others it belongs to.
public struct GreenButtonEntry: Hashable, Sendable {
    /// A URI.
    public var id: String
    /// Where the resource is (`rel="self"`): others name it so.
    public var address: String
    /// The collection that it belongs to (`rel="up"`).
    public var parent: String?
    /// Such as the reading type of a meter reading.
    public var related: [String]
    public var title: String
    public var updated: Instant?
    public var resources: [GreenButtonResource]

    public init(
        id: String, address: String, parent: String? = nil, related: [String] = [], title: String = "",
        updated: Instant? = nil, resources: [GreenButtonResource]
    ) {
        self.id = id
        self.address = address
        self.parent = parent
        self.related = related
        self.title = title
        self.updated = updated
        self.resources = resources
    }
}

/// What an entry is about. Other resources of ESPI, such as the state of a service, are passed over.
public enum GreenButtonResource: Hashable, Sendable {
    case usagePoint(UsagePoint)
    /// It has no content; its links say what it is.
    case meterReading
    case readingType(MeterReadingType)
    case intervalBlock(IntervalBlock)
    case usageSummary(PowerUsageSummary)
    case qualitySummary(PowerQualitySummary)
    case localTime(LocalTimeParameters)
}

/// `espi:DateTimeInterval`
public struct ESPIInterval: Hashable, Sendable {
    /// Seconds.
    public var duration: Int64?
    /// Seconds since 1970-01-01T00:00:00Z.
    public var start: Int64?

    public init(duration: Int64? = nil, start: Int64? = nil) {
        self.duration = duration
        self.start = start
    }
}
