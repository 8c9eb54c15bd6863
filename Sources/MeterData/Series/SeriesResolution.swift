public import Measures

/// How finely a series is shown. Days, weeks (from Monday) and months are those of the meter's place.
public enum SeriesResolution: String, Hashable, Codable, Sendable, CaseIterable {
    case fiveMinutes = "5m"
    case quarterHour = "15m"
    case halfHour = "30m"
    case hour = "1h"
    case day = "1d"
    case week = "1w"
    case month = "1mo"

    /// The length on a clock that is never set; nil for months.
    public var step: TimeSpan? {
        switch self {
        case .fiveMinutes: .minutes(5)
        case .quarterHour: .minutes(15)
        case .halfHour: .minutes(30)
        case .hour: .hours(1)
        case .day: .days(1)
        case .week: .days(7)
        case .month: nil
        }
    }

    /// Whether a bucket is made of whole local days, and so may be longer or shorter by a change of the clock.
    public var countsDays: Bool {
        switch self {
        case .fiveMinutes, .quarterHour, .halfHour, .hour: false
        case .day, .week, .month: true
        }
    }

    /// About how many buckets a window has: what a caller may be warned of, or refused.
    public func estimatedCount(in window: TimeWindow) -> Int {
        Int(window.duration.seconds / (step ?? .days(30)).seconds) + 1
    }

    /// The bucket of local time that `instant` falls into.
    ///
    /// ```
    /// local clock   01:00   01:30   02:00 | 01:00   01:30   02:00      set back at 02:00
    /// hour          [-------------------) [-------------------)       two buckets of an hour each
    /// day           [--------------------------------------- ...      one bucket of 25 hours
    /// ```
    public func bucket(containing instant: Instant, in zone: ZoneRules) -> TimeWindow {
        guard countsDays else { return clockBucket(containing: instant, in: zone) }
        let day = zone.local(instant).day
        let first = firstDay(of: day)
        let start = zone.midnight(first)
        return TimeWindow(start: start, duration: zone.midnight(dayAfter(first)) - start)
    }

    /// Steps of the local clock, cut where the clock is set.
    private func clockBucket(containing instant: Instant, in zone: ZoneRules) -> TimeWindow {
        let step = step ?? .hours(1)
        let segment = zone.segment(containing: instant)
        let start = (instant + segment.offset).floored(to: step) - segment.offset
        return TimeWindow(
            start: max(start, segment.start ?? start), duration: .zero
        ).extended(to: min(start + step, segment.end ?? start + step))
    }

    private func firstDay(of day: CivilDay) -> CivilDay {
        switch self {
        case .week: day + (1 - day.weekday)
        case .month: day + (1 - day.components.day)
        default: day
        }
    }

    private func dayAfter(_ first: CivilDay) -> CivilDay {
        switch self {
        case .week: first + 7
        case .month: first + CivilDay.length(ofMonth: first.components.month, year: first.components.year)
        default: first + 1
        }
    }
}

extension TimeWindow {
    fileprivate func extended(to end: Instant) -> TimeWindow { TimeWindow(start: start, duration: end - start) }
}
