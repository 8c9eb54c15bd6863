public import Measures

/// What kind of day it was for a meter: the clock of its place, holidays, events, outages.
public struct DayCalendar: Hashable, Sendable {
    public let zone: ZoneRules
    public let holidays: Set<CivilDay>
    /// Days with an event of this meter, which say nothing about its normal load.
    public let eventDays: Set<CivilDay>
    public let outageDays: Set<CivilDay>

    public init(
        zone: ZoneRules, holidays: Set<CivilDay> = [], eventDays: Set<CivilDay> = [], outageDays: Set<CivilDay> = []
    ) {
        self.zone = zone
        self.holidays = holidays
        self.eventDays = eventDays
        self.outageDays = outageDays
    }

    /// Monday to Friday and no holiday.
    public func isBusinessDay(_ day: CivilDay) -> Bool {
        !day.isWeekend && !holidays.contains(day)
    }
}
