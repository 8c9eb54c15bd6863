import Measures

/// New York from 2025 to 2027, with its clock changes.
let newYork = ZoneRules(
    identifier: "America/New_York", initialOffset: .hours(-5),
    transitions: [(2_025, 9, 2), (2_026, 8, 1), (2_027, 14, 7)].flatMap { year, march, november in
        [
            ZoneRules.Transition(at: Instant(year: year, month: 3, day: march, hour: 7), offset: .hours(-4)),
            ZoneRules.Transition(at: Instant(year: year, month: 11, day: november, hour: 6), offset: .hours(-5)),
        ]
    })

/// The local day's window.
func day(_ year: Int, _ month: Int, _ day: Int, days: Int = 1) -> TimeWindow {
    let first = CivilDay(year: year, month: month, day: day)
    let start = newYork.instant(first, at: .zero) ?? Instant(secondsSinceEpoch: 0)
    let end = newYork.instant(first + days, at: .zero) ?? start
    return TimeWindow(start: start, duration: end - start)
}
