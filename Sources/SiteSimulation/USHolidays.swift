public import Measures

/// The federal holidays of the United States on which offices and schools close (5 U.S.C. 6103).
public enum USHolidays {
    /// The days that are observed in a year: a Saturday's holiday on the Friday before, a Sunday's on the Monday after.
    public static func days(ofYear year: Int) -> Set<CivilDay> {
        var days: Set<CivilDay> = [
            nth(3, weekday: 1, month: 1, year: year), nth(3, weekday: 1, month: 2, year: year),
            last(weekday: 1, month: 5, year: year), nth(1, weekday: 1, month: 9, year: year),
            nth(2, weekday: 1, month: 10, year: year), nth(4, weekday: 4, month: 11, year: year),
        ]
        var fixed = [
            CivilDay(year: year, month: 1, day: 1), CivilDay(year: year, month: 7, day: 4),
            CivilDay(year: year, month: 11, day: 11), CivilDay(year: year, month: 12, day: 25),
            // New Year's Day on a Saturday is observed in the year before.
            CivilDay(year: year + 1, month: 1, day: 1),
        ]
        if year >= 2021 { fixed.append(CivilDay(year: year, month: 6, day: 19)) }
        for day in fixed.map(observed) where day.components.year == year { days.insert(day) }
        return days
    }

    /// Whether a day is observed as a holiday.
    public static func contains(_ day: CivilDay) -> Bool { days(ofYear: day.components.year).contains(day) }

    private static func observed(_ day: CivilDay) -> CivilDay {
        switch day.weekday {
        case 6: day + -1
        case 7: day + 1
        default: day
        }
    }

    private static func nth(_ count: Int, weekday: Int, month: Int, year: Int) -> CivilDay {
        let first = CivilDay(year: year, month: month, day: 1)
        return first + ((weekday - first.weekday + 7) % 7 + 7 * (count - 1))
    }

    private static func last(weekday: Int, month: Int, year: Int) -> CivilDay {
        let last = CivilDay(year: year, month: month, day: CivilDay.length(ofMonth: month, year: year))
        return last + -((last.weekday - weekday + 7) % 7)
    }
}
