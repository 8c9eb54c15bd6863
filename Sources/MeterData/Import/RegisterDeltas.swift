public import Measures

/// What a register showed at a moment.
public struct RegisterReading: Hashable, Sendable {
    public let at: Instant
    /// Wh
    public let value: Double

    public init(at: Instant, value: Double) {
        self.at = at
        self.value = value
    }
}

/// The energy between successive register readings.
public enum RegisterDeltas {
    public struct Interval: Hashable, Sendable {
        public let window: TimeWindow
        public let energy: WattHours
        /// One of several equal parts of a longer span: no reading came in between.
        public let isEstimated: Bool
    }

    /// The longest span between two readings that is divided; beyond, nothing is known.
    public static let longest = TimeSpan.days(31)

    /// - Parameters:
    ///   - registers: in order of time.
    ///   - step: what a longer span is cut into, where it divides it.
    ///   - rollOver: where the register begins at 0 again, Wh; nil: the next power of ten above the reading before.
    /// - Returns: the intervals, and the moments at which the register fell without having rolled over: it was set back or
    ///   exchanged, and the energy of that span is not known.
    public static func intervals(
        _ registers: [RegisterReading], step: TimeSpan, rollOver: Double?
    ) -> (intervals: [Interval], falls: [Instant]) {
        var intervals: [Interval] = []
        var falls: [Instant] = []
        for (one, next) in zip(registers, registers.dropFirst()) {
            let span = next.at - one.at
            guard span > .zero, span <= longest else { continue }
            guard let energy = energy(from: one.value, to: next.value, rollOver) else {
                falls.append(next.at)
                continue
            }
            let parts = span.seconds % step.seconds == 0 ? max(span.seconds / step.seconds, 1) : 1
            let length = TimeSpan(seconds: span.seconds / parts)
            for part in 0..<parts {
                intervals.append(
                    Interval(
                        window: TimeWindow(start: one.at + length * part, duration: length),
                        energy: WattHours(energy / Double(parts)), isEstimated: parts > 1))
            }
        }
        return (intervals, falls)
    }

    /// A register that falls has rolled over when it stood in the last tenth of its range and now is in the first.
    private static func energy(from: Double, to: Double, _ rollOver: Double?) -> Double? {
        guard to < from else { return to - from }
        var range = rollOver ?? 1
        if rollOver == nil { while range <= from { range *= 10 } }
        guard from >= 0.9 * range, to >= 0, to < 0.1 * range else { return nil }
        return to + range - from
    }
}
