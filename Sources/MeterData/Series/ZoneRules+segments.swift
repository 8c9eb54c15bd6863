public import Measures

extension ZoneRules {
    /// A stretch of time in which the local clock is not set.
    public struct Segment: Hashable, Sendable {
        /// Nil: since ever.
        public let start: Instant?
        /// Nil: for ever.
        public let end: Instant?
        /// Local time minus UTC.
        public let offset: TimeSpan
    }

    /// The stretch around an instant.
    public func segment(containing instant: Instant) -> Segment {
        let next = transitions.firstIndex { $0.at > instant } ?? transitions.count
        return Segment(
            start: next == 0 ? nil : transitions[next - 1].at,
            end: next == transitions.count ? nil : transitions[next].at,
            offset: next == 0 ? initialOffset : transitions[next - 1].offset)
    }

    /// The window cut where the clock is set; each part with its offset.
    public func segments(of window: TimeWindow) -> [(window: TimeWindow, offset: TimeSpan)] {
        var parts: [(window: TimeWindow, offset: TimeSpan)] = []
        var start = window.start
        while start < window.end {
            let segment = segment(containing: start)
            let end = min(segment.end ?? window.end, window.end)
            parts.append((TimeWindow(start: start, duration: end - start), segment.offset))
            start = end
        }
        return parts
    }

    /// The first moment of a local day; where midnight itself is skipped, the moment at which the clock is set.
    public func midnight(_ day: CivilDay) -> Instant {
        if let midnight = instant(day, at: .zero) { return midnight }
        let wall = Instant(secondsSinceEpoch: Int64(day.daysSinceEpoch) * 86_400)
        return wall - offset(at: wall - .days(1))
    }
}
