internal import Measures

/// Times at which an axis has its ticks: round ones on the local clock.
struct TimeTicks {
    /// A tick with its labels.
    struct Tick {
        var time: Instant
        /// The time of the day, or the day where ticks are days.
        var label: String
        /// The day, where it begins or the axis does.
        var day: String?
    }

    let ticks: [Tick]

    /// At most `count` ticks in a span.
    init(_ span: TimeWindow, zone: ZoneRules, count: Int) {
        let longest = span.duration.seconds / Int64(max(count, 1))
        let hours: [Int64] = [300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200]
        let days = [1, 2, 7, 14]
        if let step = hours.first(where: { $0 >= longest }) {
            ticks = Self.times(span, zone, every: TimeSpan(seconds: step))
        } else if let step = days.first(where: { Int64($0) * 86_400 >= longest }) {
            ticks = Self.days(span, zone, every: step)
        } else {
            let months = [1, 2, 3, 6, 12].first { Int64($0) * 2_592_000 >= longest } ?? 12
            ticks = Self.months(span, zone, every: months, atMost: count)
        }
    }

    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let dayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    /// For example `Tue 14 Mar`.
    static func name(_ day: CivilDay) -> String {
        let (_, month, number) = day.components
        return "\(dayNames[day.weekday - 1]) \(number) \(monthNames[month - 1])"
    }

    /// For example `17:30`.
    static func name(_ time: TimeSpan) -> String {
        let (hour, minute) = (time.seconds / 3_600, time.seconds / 60 % 60)
        return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }

    /// The days that a span touches.
    private static func range(_ span: TimeWindow, _ zone: ZoneRules) -> ClosedRange<Int> {
        let first = zone.local(span.start).day.daysSinceEpoch
        return first...max(zone.local(span.end).day.daysSinceEpoch, first)
    }

    private static func times(_ span: TimeWindow, _ zone: ZoneRules, every step: TimeSpan) -> [Tick] {
        var ticks: [Tick] = []
        var named: CivilDay?
        for number in range(span, zone) {
            let day = CivilDay(daysSinceEpoch: number)
            for place in 0..<(86_400 / step.seconds) {
                let time = step * place
                // Nil in the hour that the clock skips.
                guard let instant = zone.instant(day, at: time), span.start <= instant, instant <= span.end
                else { continue }
                ticks.append(Tick(time: instant, label: name(time), day: named == day ? nil : name(day)))
                named = day
            }
        }
        return ticks
    }

    private static func days(_ span: TimeWindow, _ zone: ZoneRules, every step: Int) -> [Tick] {
        range(span, zone).compactMap { number in
            let day = CivilDay(daysSinceEpoch: number)
            // Weeks begin on Monday.
            let isTick =
                step == 2 ? number % 2 == 0 : step == 14 ? (number + 3) % 14 == 0 : step == 1 || day.weekday == 1
            guard isTick, let start = zone.instant(day, at: .zero), span.start <= start, start <= span.end
            else { return nil }
            return Tick(time: start, label: name(day), day: nil)
        }
    }

    private static func months(_ span: TimeWindow, _ zone: ZoneRules, every step: Int, atMost count: Int) -> [Tick] {
        let (year, month, _) = zone.local(span.start).day.components
        let last = zone.local(span.end).day.components
        let (first, end) = (year * 12 + month - 1, last.year * 12 + last.month - 1)
        // Many years: as many of them apart as it takes.
        let stride = max(step, ((end - first) / max(count, 1) + 11) / 12 * 12 * (step == 12 ? 1 : 0))
        return (first...max(first, end)).filter { $0 % stride == 0 }.compactMap { index in
            let day = CivilDay(year: index / 12, month: index % 12 + 1, day: 1)
            guard let start = zone.instant(day, at: .zero), span.start <= start, start <= span.end else { return nil }
            return Tick(time: start, label: step == 12 ? "\(index / 12)" : monthNames[index % 12], day: "\(index / 12)")
        }
    }
}
