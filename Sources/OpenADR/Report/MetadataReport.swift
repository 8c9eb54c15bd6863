public import Measures

/// `oadrReport` in a registration: a report on offer.
///
/// It has neither start nor intervals, and its reportRequestID is always `0` (rules 305 and 311), so neither is here.
public struct MetadataReport: Hashable, Sendable {
    public var specifierID: ReportSpecifierID
    /// In the `METADATA_` form.
    public var name: ReportName?
    /// How far back data is kept at the fastest sampling (rule 312).
    public var duration: TimeSpan?
    public var descriptions: [ReportDescription]
    public var createdDateTime: Instant

    public init(
        specifierID: ReportSpecifierID, name: ReportName?, duration: TimeSpan?, descriptions: [ReportDescription],
        createdDateTime: Instant
    ) {
        self.specifierID = specifierID
        self.name = name
        self.duration = duration
        self.descriptions = descriptions
        self.createdDateTime = createdDateTime
    }
}
