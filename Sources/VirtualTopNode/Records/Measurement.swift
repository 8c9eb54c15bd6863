public import Measures
public import OpenADR

/// One value that a VEN reported. Its key is (VEN, specifier, rID, start): a later report of the same key replaces it
/// (rule 346).
public struct Measurement: Hashable, Sendable {
    /// What is left of the standard's 21 words.
    public enum Quality: String, Hashable, Codable, Sendable, CaseIterable {
        case ok
        case estimated
        /// Present, but not to be relied on.
        case bad
        /// A placeholder (rule 318).
        case missing
    }

    /// What was measured.
    public enum Value: Hashable, Sendable {
        /// Mean power of an interval, or the power at a moment.
        case power(Watts)
        /// Energy of an interval.
        case energy(WattHours)
        /// In the unit that the offer names.
        case number(Double)
        case status(isOnline: Bool, isManuallyOverridden: Bool, loadControl: LoadControlState? = nil)
        case missing
    }

    public let venID: VENID
    public let specifierID: ReportSpecifierID
    public let rID: RID
    /// Where the offer says it is measured.
    public let resource: ResourceID?
    public let start: Instant
    /// Nil for a value at a moment.
    public let duration: TimeSpan?
    public let value: Value
    public let quality: Quality
    /// Percent; nil when the VEN says nothing.
    public let confidence: UInt8?
    /// The likely variability, in the value's unit (rule 319).
    public let accuracy: Double?
    /// The report's createdDateTime: of two reports of one key the later one counts, whichever came first.
    public let reportedAt: Instant
    public let receivedAt: Instant

    public init(
        venID: VENID, specifierID: ReportSpecifierID, rID: RID, resource: ResourceID? = nil, start: Instant,
        duration: TimeSpan?, value: Value, quality: Quality, confidence: UInt8? = nil, accuracy: Double? = nil,
        reportedAt: Instant, receivedAt: Instant
    ) {
        self.venID = venID
        self.specifierID = specifierID
        self.rID = rID
        self.resource = resource
        self.start = start
        self.duration = duration
        self.value = value
        self.quality = quality
        self.confidence = confidence
        self.accuracy = accuracy
        self.reportedAt = reportedAt
        self.receivedAt = receivedAt
    }
}

extension Measurement.Quality {
    /// No word is as good as a good word.
    init(_ quality: DataQuality?) {
        switch quality {
        case nil: self = .ok
        case .noValue?: self = .missing
        case .previousValueUsed?: self = .ok
        case let word? where word.rawValue.hasPrefix("Quality Bad"): self = .bad
        case let word? where word.rawValue.hasPrefix("Quality Uncertain"): self = .estimated
        default: self = .ok
        }
    }
}
