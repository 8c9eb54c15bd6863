import Foundation
import Measures
import Testing

@Suite struct CivilDayTests {
    @Test func `has the components and weekday that Foundation gives, for every day of 1890 to 2110`() {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = .gmt
        let first = CivilDay(year: 1_890, month: 1, day: 1)
        let last = CivilDay(year: 2_110, month: 12, day: 31)
        #expect(last - first == 80_717)
        for number in stride(from: first.daysSinceEpoch, through: last.daysSinceEpoch, by: 1) {
            let day = CivilDay(daysSinceEpoch: number)
            let date = Date(timeIntervalSince1970: Double(number) * 86_400)
            let expected = calendar.dateComponents([.year, .month, .day, .weekday], from: date)
            let (year, month, date2) = day.components
            // Foundation counts from Sunday as 1.
            let weekday = day.weekday % 7 + 1
            guard [year, month, date2, weekday] == [expected.year, expected.month, expected.day, expected.weekday]
            else {
                Issue.record("\(day) differs from \(expected)")
                return
            }
            guard CivilDay(year: year, month: month, day: date2) == day, CivilDay(day.description) == day else {
                Issue.record("\(day) does not come back")
                return
            }
        }
    }

    @Test(arguments: ["2025-02-29", "2025-1-1", "2025-01-01T", "20250101", "2025/01/01", "-025-01-01", ""])
    func `refuses what is no day`(text: String) {
        #expect(CivilDay(text) == nil)
    }

    @Test func `knows leap years`() {
        #expect(CivilDay.length(ofMonth: 2, year: 2_000) == 29)
        #expect(CivilDay.length(ofMonth: 2, year: 1_900) == 28)
        #expect(CivilDay.length(ofMonth: 2, year: 2_028) == 29)
        #expect(CivilDay.length(ofMonth: 4, year: 2_025) == 30)
    }

    @Test func `counts days and weekends`() throws {
        let friday = try #require(CivilDay("2026-11-20"))
        #expect(friday.weekday == 5)
        #expect([friday, friday + 1, friday + 2, friday + 3].map(\.isWeekend) == [false, true, true, false])
        #expect((friday + 40) - friday == 40)
        #expect(CivilDay(daysSinceEpoch: -1).weekday == 3)
    }
}
