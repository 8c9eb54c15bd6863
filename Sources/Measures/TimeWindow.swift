/// A half-open span of time: `start` belongs to it, `end` does not.
public struct TimeWindow: Hashable, Codable, Sendable {
    public let start: Instant
    public let end: Instant

    /// Nil when the end is before the start.
    public init?(start: Instant, end: Instant) {
        guard start <= end else { return nil }
        self.start = start
        self.end = end
    }

    /// A negative duration counts as zero.
    public init(start: Instant, duration: TimeSpan) {
        self.start = start
        end = start + max(duration, .zero)
    }

    public var duration: TimeSpan { end - start }

    public func contains(_ instant: Instant) -> Bool { start <= instant && instant < end }
    public func contains(_ other: TimeWindow) -> Bool { start <= other.start && other.end <= end }
    public func overlaps(_ other: TimeWindow) -> Bool { start < other.end && other.start < end }

    /// The window cut into steps from its start; the last one is shorter when the step does not divide it.
    public func intervals(every step: TimeSpan) -> [TimeWindow] {
        precondition(step > .zero, "a step has a length")
        return stride(from: start.secondsSinceEpoch, to: end.secondsSinceEpoch, by: Int(step.seconds)).map { second in
            let begin = Instant(secondsSinceEpoch: second)
            return TimeWindow(start: begin, duration: min(step, end - begin))
        }
    }
}
