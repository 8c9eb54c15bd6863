import Accounts
import Hummingbird
import Measures
import Persistence
import VirtualTopNode

/// A month of events, in weeks from Monday; days are those of UTC.
enum EventCalendar {
    @Sendable static func show(_ visit: Visit) async throws -> Response {
        let first = month(visit.query.text("month"), now: visit.now)
        let (year, month, _) = first.components
        let days = CivilDay.length(ofMonth: month, year: year)
        let next = first + days
        let previous = first + -1
        let start = first + (1 - first.weekday)
        let window = TimeWindow(start: midnight(start), duration: .days(42))
        var byDay: [CivilDay: [PageData]] = [:]
        let part = try await visit.portal.events.events(in: window, seenBy: try visit.viewer, PartRequest(limit: 200))
        for row in part.rows.reversed() {
            let day = CivilDay(
                daysSinceEpoch: Int(row.record.terms.start.floored(to: .days(1)).secondsSinceEpoch / 86_400))
            var line = EventPages.line(row, visit.now)
            line["time"] = String(row.record.terms.start.description.dropFirst(11).prefix(5))
            byDay[day, default: []].append(line)
        }
        let today = CivilDay(daysSinceEpoch: Int(visit.now.floored(to: .days(1)).secondsSinceEpoch / 86_400))
        let weeks = (0..<6).compactMap { week -> PageData? in
            let monday = start + week * 7
            guard monday < next else { return nil }
            let cells = (0..<7).map { offset -> PageData in
                let day = monday + offset
                return [
                    "number": day.components.day, "date": "\(day)", "events": byDay[day] ?? [],
                    "isOther": day.components.month != month, "isToday": day == today,
                    "hasEvents": byDay[day] != nil,
                ]
            }
            return ["days": cells]
        }
        let names = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November",
            "December",
        ]
        return try visit.portal.page(
            "calendar", "\(names[month - 1]) \(year)", visit,
            [
                "weeks": weeks, "previous": String("\(previous)".prefix(7)), "next": String("\(next)".prefix(7)),
                "isCut": part.hasMore,
            ])
    }

    private static func month(_ text: String, now: Instant) -> CivilDay {
        if let day = CivilDay("\(text)-01") { return day }
        let (year, month, _) = CivilDay(daysSinceEpoch: Int(now.floored(to: .days(1)).secondsSinceEpoch / 86_400))
            .components
        return CivilDay(year: year, month: month, day: 1)
    }

    private static func midnight(_ day: CivilDay) -> Instant {
        Instant(secondsSinceEpoch: Int64(day.daysSinceEpoch) * 86_400)
    }
}
