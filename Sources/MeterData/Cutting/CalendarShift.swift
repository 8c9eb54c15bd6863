import Measures

/// Moves local times by whole days from one place's calendar to another's: 14:00 stays 14:00, whatever both clocks do.
struct CalendarShift {
    let from: ZoneRules
    let to: ZoneRules
    /// The target's day minus the source's.
    let days: Int

    /// From midnight of the first day to midnight after the last, or to the first moment after a skipped midnight.
    func target(from first: CivilDay, through last: CivilDay) -> TimeWindow {
        let start = midnight(first)
        return TimeWindow(start: start, duration: midnight(last + 1) - start)
    }

    private func midnight(_ day: CivilDay) -> Instant {
        to.instant(day, at: .zero) ?? to.instant(day, at: .hours(1))
            ?? Instant(secondsSinceEpoch: Int64(day.daysSinceEpoch) * 86_400)
    }

    /// When the source's clock showed what the target's shows; nil in an hour that the source's clock skipped.
    ///
    /// An hour that the target's clock shows twice takes the source's one hour twice, or its two if it has two.
    func source(_ target: Instant) -> Instant? {
        let (day, time) = to.local(target)
        guard let first = from.instant(day + -days, at: time) else { return nil }
        let isSecond = to.instant(day, at: time) != target
        guard isSecond else { return first }
        return from.instant(TimeStamp(day: day + -days, time: time), after: first) ?? first
    }

    /// A window of the source in the target's calendar; nil when an end of it falls into a skipped hour.
    func target(_ window: TimeWindow) -> TimeWindow? {
        let (startDay, startTime) = from.local(window.start)
        let (endDay, endTime) = from.local(window.end)
        guard let start = to.instant(startDay + days, at: startTime), let end = to.instant(endDay + days, at: endTime)
        else { return nil }
        return TimeWindow(start: start, end: end)
    }
}
