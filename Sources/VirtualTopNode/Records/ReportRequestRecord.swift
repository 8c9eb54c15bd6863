public import Measures
public import OpenADR

/// A report that the VTN asked a VEN for.
public struct ReportRequestRecord: Hashable, Sendable {
    public enum State: String, Hashable, Codable, Sendable, CaseIterable {
        /// Sent, or waiting to be; data that comes is taken.
        case requested
        /// The VEN confirmed it in an `oadrCreatedReport`.
        case accepted
        /// The VEN answered with an error.
        case refused
        /// The VTN wants it no more; `oadrCancelReport` waits or the VEN has not confirmed it.
        case cancelling
        /// Over: cancelled, or implied by new metadata or a new registration (rules 306, 406 and 407).
        case ended
        /// Cancelled, and one more report is on its way (rule 345).
        case finishing
    }

    public let venID: VENID
    /// Unique in the VTN (rule 322).
    public let requestID: ReportRequestID
    public let specifierID: ReportSpecifierID
    /// What is asked for; all of them offered.
    public let dataPoints: [RID]
    /// The sampling step.
    public let granularity: TimeSpan
    /// How often data is sent; zero is once.
    public let backDuration: TimeSpan
    public let start: Instant
    /// Zero is for ever (rule 325).
    public let duration: TimeSpan
    public var state: State
    /// Its cancellation asks for one more report.
    public var reportToFollow: Bool
    public let createdAt: Instant

    public init(
        venID: VENID, requestID: ReportRequestID, specifierID: ReportSpecifierID, dataPoints: [RID],
        granularity: TimeSpan, backDuration: TimeSpan, start: Instant, duration: TimeSpan = .zero,
        state: State = .requested, reportToFollow: Bool = false, createdAt: Instant
    ) {
        self.venID = venID
        self.requestID = requestID
        self.specifierID = specifierID
        self.dataPoints = dataPoints
        self.granularity = granularity
        self.backDuration = backDuration
        self.start = start
        self.duration = duration
        self.state = state
        self.reportToFollow = reportToFollow
        self.createdAt = createdAt
    }
}

extension ReportRequestRecord {
    /// It asks for the VEN's metadata (rule 327).
    public var isForMetadata: Bool { specifierID == .metadata }

    /// What it may still bring, as time.
    public var window: TimeWindow { TimeWindow(start: start, duration: duration) }
}
