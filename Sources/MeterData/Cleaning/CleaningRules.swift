public import Measures

/// What counts as wrong in a series, and what is done about it.
public struct CleaningRules: Hashable, Codable, Sendable {
    /// s; gaps up to this are filled on a straight line, longer ones stay gaps.
    public var longestFilledGap: Int64 = 3 * 3_600
    /// A value is a spike when it is further from its neighbours' median than so many robust standard deviations.
    public var spikeDeviations: Double = 12
    /// So many equal values in a row, other than zero, mean that the meter is stuck.
    public var stuckRun = 24
    /// Whether the meter counts what is fed into the grid; otherwise no value is below zero.
    public var mayExport = false

    public init() {}
}

/// What was wrong with an interval.
public enum CleaningKind: String, Hashable, Codable, Sendable, CaseIterable {
    /// No reading; also the hour that an export without summer time leaves out.
    case gap
    /// It begins before the one before it ends: the same time is counted twice.
    case overlap
    case spike
    case stuck
    case negative
    /// The register began at zero again, and the difference was taken as it is.
    case rollover
    case manual
}

/// An interval of a series, and what is taken in its place.
public struct CleaningEdit: Hashable, Sendable {
    public let window: TimeWindow
    /// Nil: there was no reading.
    public let raw: WattHours?
    /// Nil: not believed, and nothing is known instead.
    public let cleaned: WattHours?
    public let kind: CleaningKind

    public init(window: TimeWindow, raw: WattHours?, cleaned: WattHours?, kind: CleaningKind) {
        self.window = window
        self.raw = raw
        self.cleaned = cleaned
        self.kind = kind
    }
}
