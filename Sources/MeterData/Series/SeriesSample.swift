public import Measures

/// One reading as a plot shows it: a mean power over an interval.
public struct SeriesSample: Hashable, Codable, Sendable {
    public let start: Instant
    public let duration: TimeSpan
    public let power: Watts

    public init(start: Instant, duration: TimeSpan, power: Watts) {
        self.start = start
        self.duration = duration
        self.power = power
    }

    public var end: Instant { start + duration }
}

/// A series thinned out for a plot, with the holes that a line must not bridge.
public struct DecimatedSeries: Hashable, Codable, Sendable {
    /// In order of time.
    public let samples: [SeriesSample]
    /// Where readings are missing for longer than a plot's step.
    public let gaps: [TimeWindow]
    /// Readings that the samples stand for.
    public let readings: Int

    public init(samples: [SeriesSample], gaps: [TimeWindow], readings: Int) {
        self.samples = samples
        self.gaps = gaps
        self.readings = readings
    }
}
