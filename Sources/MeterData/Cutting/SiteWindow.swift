import Measures

/// A stretch of a series that can become a site: a complete event day and the days before it, in the source's calendar.
struct SiteWindow: Sendable {
    let eventDay: CivilDay
    let historyDays: Int
    /// Readings without a value in the stretch.
    let missing: Int
    private let steps: Int
    /// How many weeks of the year the stretch is away from the season of the common event day.
    private let seasonWeeks: Int

    /// The latest working day that is complete and has enough history.
    static func latestEventDay(of series: LoadSeries) -> CivilDay? {
        let days = DayTable(series)
        return days.all.reversed().first { day in
            !day.isWeekend && day - days.first >= SiteCutter.leastDays && days.isGoodEventDay(day)
        }
    }

    /// All windows whose event day falls on the weekday of the common one, the best first.
    static func candidates(in series: LoadSeries, eventDay: CivilDay, days most: Int) -> [SiteWindow] {
        let table = DayTable(series)
        let windows = table.all.filter { ($0 - eventDay) % 7 == 0 }.compactMap { day -> SiteWindow? in
            let history = min(most, day - table.first)
            guard history >= SiteCutter.leastDays, table.isGoodEventDay(day) else { return nil }
            let missing = ((day + -history).daysSinceEpoch...day.daysSinceEpoch).reduce(0) {
                $0 + table.missing(CivilDay(daysSinceEpoch: $1))
            }
            let offset = abs(day - eventDay) % 364
            return SiteWindow(
                eventDay: day, historyDays: history, missing: missing, steps: (history + 1) * table.stepsPerDay,
                seasonWeeks: min(offset, 364 - offset) / 7)
        }
        return windows.sorted { $0.rank < $1.rank }
    }

    /// Long histories first, then few gaps, then the same season, then the latest.
    private var rank: (Int, Int, Int, Int) {
        (-historyDays, missing * 50 / max(steps, 1), seasonWeeks, -eventDay.daysSinceEpoch)
    }
}

/// How many readings each local day of a series lacks.
private struct DayTable {
    let first: CivilDay
    let stepsPerDay: Int
    private var missingOfDay: [Int]
    private let unfit: Set<CivilDay>

    /// Only days that the series covers from midnight to midnight.
    init(_ series: LoadSeries) {
        let window = series.window
        let begin = series.zone.local(window.start)
        first = begin.time == .zero ? begin.day : begin.day + 1
        let end = series.zone.local(window.end).day
        stepsPerDay = Int(86_400 / series.step.seconds)
        missingOfDay = Array(repeating: 0, count: max(0, end - first))
        for reading in series.readings where reading.energy == nil {
            let day = series.zone.local(reading.start).day - first
            if missingOfDay.indices.contains(day) { missingOfDay[day] += 1 }
        }
        unfit = Set(series.excluded.map { series.zone.local($0.start).day }).union(series.holidays ?? [])
    }

    var all: [CivilDay] { missingOfDay.indices.map { first + $0 } }

    func missing(_ day: CivilDay) -> Int {
        missingOfDay.indices.contains(day - first) ? missingOfDay[day - first] : stepsPerDay
    }

    func isGoodEventDay(_ day: CivilDay) -> Bool { missing(day) == 0 && !unfit.contains(day) }
}
