import Measures
import Testing

@Suite struct ZoneRulesTests {
    /// New York in 2025: summer time from 9 March to 2 November.
    private let newYork = ZoneRules(
        identifier: "America/New_York", initialOffset: .hours(-5),
        transitions: [
            .init(at: Instant(year: 2_025, month: 11, day: 2, hour: 6), offset: .hours(-5)),
            .init(at: Instant(year: 2_025, month: 3, day: 9, hour: 7), offset: .hours(-4)),
        ])
    private let spring = CivilDay(year: 2_025, month: 3, day: 9)
    private let autumn = CivilDay(year: 2_025, month: 11, day: 2)

    @Test func `days of a clock change have 23 and 25 hours`() {
        #expect(newYork.window(of: spring)?.duration == .hours(23))
        #expect(newYork.window(of: autumn)?.duration == .hours(25))
        #expect(newYork.window(of: spring + 1)?.duration == .hours(24))
        #expect(newYork.window(of: spring)?.start == Instant(year: 2_025, month: 3, day: 9, hour: 5))
    }

    @Test func `the hour that is skipped does not exist, the hours around it do`() {
        #expect(newYork.instant(spring, at: .hours(2)) == nil)
        #expect(newYork.instant(spring, at: .minutes(179)) == nil)
        #expect(
            newYork.instant(spring, at: .minutes(119)) == Instant(year: 2_025, month: 3, day: 9, hour: 6, minute: 59))
        #expect(newYork.instant(spring, at: .hours(3)) == Instant(year: 2_025, month: 3, day: 9, hour: 7))
    }

    @Test func `an hour that comes twice means the first`() {
        #expect(
            newYork.instant(autumn, at: .minutes(90)) == Instant(year: 2_025, month: 11, day: 2, hour: 5, minute: 30))
        #expect(newYork.instant(autumn, at: .hours(2)) == Instant(year: 2_025, month: 11, day: 2, hour: 7))
    }

    @Test func `local time and back is the same moment, but for the second of two hours`() {
        let start = Instant(year: 2_025, month: 1, day: 1)
        let wrong = (0..<(365 * 96)).filter { quarter in
            let instant = start + .minutes(15) * Int64(quarter)
            let (day, time) = newYork.local(instant)
            let back = newYork.instant(day, at: time)
            return back != instant && !(day == autumn && back == instant - .hours(1))
        }
        #expect(wrong.isEmpty)
    }

    @Test func `the offset changes at the transition, not a second earlier`() {
        let change = Instant(year: 2_025, month: 3, day: 9, hour: 7)
        #expect(newYork.offset(at: change - .seconds(1)) == .hours(-5))
        #expect(newYork.offset(at: change) == .hours(-4))
        #expect(newYork.offset(at: Instant(year: 1_980, month: 7, day: 1)) == .hours(-5))
        #expect(newYork.offset(at: Instant(year: 2_090, month: 7, day: 1)) == .hours(-5))
    }

    @Test func `a day that a country skipped has no moment`() {
        let samoa = ZoneRules(
            identifier: "Pacific/Apia", initialOffset: .hours(-10),
            transitions: [.init(at: Instant(year: 2_011, month: 12, day: 30, hour: 10), offset: .hours(14))])
        let skipped = CivilDay(year: 2_011, month: 12, day: 30)
        #expect(samoa.instant(skipped, at: .hours(12)) == nil)
        #expect(samoa.instant(skipped + 1, at: .zero) == Instant(year: 2_011, month: 12, day: 30, hour: 10))
    }

    @Test func `midnight that is skipped makes a day without a window`() {
        let beirut = ZoneRules(
            identifier: "Asia/Beirut", initialOffset: .hours(2),
            transitions: [.init(at: Instant(year: 2_025, month: 3, day: 29, hour: 22), offset: .hours(3))])
        #expect(beirut.window(of: CivilDay(year: 2_025, month: 3, day: 30)) == nil)
    }
}
