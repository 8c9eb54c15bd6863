/// The clock of a place: what it was set to, and since when.
///
/// A value without a database behind it: whoever knows the world's time zones makes it, so that calendars, baselines
/// and forecasts need none.
public struct ZoneRules: Hashable, Codable, Sendable {
    /// From `at` on, local time is UTC plus `offset`.
    public struct Transition: Hashable, Codable, Sendable {
        public let at: Instant
        public let offset: TimeSpan

        public init(at: Instant, offset: TimeSpan) {
            self.at = at
            self.offset = offset
        }
    }

    /// The name in the IANA database, such as `America/New_York`.
    public let identifier: String
    /// The offset before the first transition.
    public let initialOffset: TimeSpan
    /// In order of time.
    public let transitions: [Transition]

    public init(identifier: String, initialOffset: TimeSpan, transitions: [Transition]) {
        self.identifier = identifier
        self.initialOffset = initialOffset
        self.transitions = transitions.sorted { $0.at < $1.at }
    }

    public static let utc = ZoneRules(identifier: "UTC", initialOffset: .zero, transitions: [])

    /// Local time minus UTC.
    public func offset(at instant: Instant) -> TimeSpan {
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].at <= instant { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? initialOffset : transitions[low - 1].offset
    }

    /// The local day and the seconds that the local clock shows since midnight.
    public func local(_ instant: Instant) -> (day: CivilDay, time: TimeSpan) {
        let wall = instant + offset(at: instant)
        let midnight = wall.floored(to: .days(1))
        return (CivilDay(daysSinceEpoch: Int(midnight.secondsSinceEpoch / 86_400)), wall - midnight)
    }

    /// When the local clock shows `time` on `day`: the first of two moments when it is set back, nil in the hour that
    /// is skipped when it is set forward.
    public func instant(_ day: CivilDay, at time: TimeSpan) -> Instant? {
        let wall = Instant(secondsSinceEpoch: Int64(day.daysSinceEpoch) * 86_400) + time
        let before = offset(at: wall - .days(1))
        let after = offset(at: wall + .days(1))
        let around = offset(at: wall)
        // Far from a change of the clock there is one answer.
        if before == after, before == around, offset(at: wall - before) == before { return wall - before }
        let offsets = Set([before, after, around])
        return offsets.map { wall - $0 }.filter { $0 + offset(at: $0) == wall }.min()
    }

    /// The local day from midnight to midnight: 23, 24 or 25 hours long. Nil when midnight itself is skipped.
    public func window(of day: CivilDay) -> TimeWindow? {
        guard let start = instant(day, at: .zero), let end = instant(day + 1, at: .zero) else { return nil }
        return TimeWindow(start: start, end: end)
    }
}
