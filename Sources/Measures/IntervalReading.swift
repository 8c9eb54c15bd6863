/// What a meter counted between `start` and `start + duration`.
public struct IntervalReading: Hashable, Codable, Sendable {
    public let start: Instant
    public let duration: TimeSpan
    /// Nil when the meter gave no value for the interval.
    public let energy: WattHours?

    public init(start: Instant, duration: TimeSpan, energy: WattHours?) {
        self.start = start
        self.duration = duration
        self.energy = energy
    }

    public var window: TimeWindow { TimeWindow(start: start, duration: duration) }
}
