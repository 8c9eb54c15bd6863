public import Measures

/// A demonstration site made out of a window of a real series: its provenance says how.
public struct CutSite: Sendable {
    /// What kind of load the series is, as far as its size tells.
    public enum Character: String, Codable, Sendable {
        /// A town or a region.
        case system
        case building
        case home
    }

    /// Unique among the sites of one cut, such as `ME 2`.
    public let name: String
    /// The name of the series it was cut from.
    public let series: String
    public let character: Character
    public let step: TimeSpan
    /// The clock of the common calendar.
    public let zone: ZoneRules
    /// From the first midnight of the history to the end of the event day, one for every step.
    public let readings: [IntervalReading]
    /// Outdoor temperature in degrees Celsius beside each reading; nil when the source has none.
    public let temperatures: [Double?]?
    /// Holidays of the source, on the days of the common calendar.
    public let holidays: Set<CivilDay>
    /// Windows that no baseline may learn from.
    public let excluded: [TimeWindow]
    /// Whole local days before the event day.
    public let historyDays: Int
    /// One sentence: file, series, window, scale and shift.
    public let provenance: String

    /// The highest mean power of a step.
    public var peak: Watts {
        readings.compactMap(\.energy).max().map { $0.meanPower(over: step) } ?? .zero
    }
}
