public import Measures

/// How much less shall be drawn, when, and how surely.
public struct DispatchRequest: Hashable, Sendable {
    /// A day of quarter-hours.
    public static let mostIntervals = 96

    /// Consecutive and without holes.
    public let intervals: [TimeWindow]
    /// The reduction asked for, one value for each interval.
    public let target: [Watts]
    /// The probability, for each interval by itself, that at least the target is delivered.
    public let deliveryProbability: Double
    /// Notice is counted from here.
    public let decidedAt: Instant

    public init(
        intervals: [TimeWindow], target: [Watts], deliveryProbability: Double = 0.9, decidedAt: Instant
    ) throws(DispatchRequestError) {
        guard !intervals.isEmpty, intervals.allSatisfy({ $0.duration > .zero }),
            zip(intervals, intervals.dropFirst()).allSatisfy({ $0.end == $1.start })
        else { throw .unusableIntervals }
        guard intervals.count <= Self.mostIntervals else { throw .tooManyIntervals(intervals.count) }
        guard target.count == intervals.count, target.allSatisfy({ $0.value.isFinite && $0.value >= 0 }),
            target.contains(where: { $0 > .zero })
        else { throw .unusableTarget }
        guard deliveryProbability >= 0.5, deliveryProbability <= 0.999 else {
            throw .unusableProbability(deliveryProbability)
        }
        self.intervals = intervals
        self.target = target
        self.deliveryProbability = deliveryProbability
        self.decidedAt = decidedAt
    }

    /// The same reduction over a whole window, cut into steps.
    public init(
        window: TimeWindow, step: TimeSpan, reduction: Watts, deliveryProbability: Double = 0.9, decidedAt: Instant
    ) throws(DispatchRequestError) {
        guard step > .zero, window.duration.seconds <= step.seconds * Int64(Self.mostIntervals) else {
            throw .unusableIntervals
        }
        let intervals = window.intervals(every: step)
        try self.init(
            intervals: intervals, target: [Watts](repeating: reduction, count: intervals.count),
            deliveryProbability: deliveryProbability, decidedAt: decidedAt)
    }

    /// From the first interval's start to the last one's end.
    public var window: TimeWindow {
        TimeWindow(start: intervals[0].start, duration: intervals[intervals.count - 1].end - intervals[0].start)
    }
}

/// Why a request cannot be planned.
public enum DispatchRequestError: Error, Hashable, Sendable {
    case tooManyIntervals(Int)
    /// None, empty ones, or ones that do not follow each other.
    case unusableIntervals
    /// Outside 0.5 to 0.999: below one half the margin would be negative.
    case unusableProbability(Double)
    /// Not one finite value of zero or more for each interval, or nothing asked for at all.
    case unusableTarget
}
