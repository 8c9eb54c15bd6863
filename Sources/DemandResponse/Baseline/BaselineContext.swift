public import Measures

/// What a rule looks at: an event, the meter's history before it, and the calendar.
///
/// Of the event day itself only the adjustment window is read, which ends at least an hour before the event; days after
/// it are never looked at.
public struct BaselineContext: Sendable {
    public let event: TimeWindow
    public let history: MeterHistory
    public let calendar: DayCalendar
    /// The highest temperature of each day, measured or (on the event day) forecast, in one unit throughout.
    public let maximumTemperatures: [CivilDay: Double]
    /// The temperature of each interval, for a regression on it.
    public let temperatures: TemperatureHistory?
    /// The local day of the event.
    public let eventDay: CivilDay
    /// The event's slots of the local clock, one for each interval.
    let eventSlots: [Int]

    public init(
        event: TimeWindow, history: MeterHistory, calendar: DayCalendar,
        maximumTemperatures: [CivilDay: Double] = [:], temperatures: TemperatureHistory? = nil
    ) {
        self.event = event
        self.history = history
        self.calendar = calendar
        self.maximumTemperatures = maximumTemperatures
        self.temperatures = temperatures
        eventDay = calendar.zone.local(event.start).day
        eventSlots = event.intervals(every: history.step).map { history.slot($0.start).slot }
    }

    var isBusinessDay: Bool { calendar.isBusinessDay(eventDay) }

    /// The mean over the event's slots.
    func eventMean(_ day: CivilDay) -> Double? { history.mean(day, eventSlots) }

    /// Why the event cannot have a baseline, whatever the rule.
    var flaw: BaselineRefusal.Reason? {
        let step = history.step
        guard event.duration > .zero,
            calendar.zone.local(Instant(secondsSinceEpoch: event.end.secondsSinceEpoch - 1)).day
                == eventDay
        else { return .eventNotWithinDay }
        let isAligned =
            calendar.zone.local(event.start).time.seconds % step.seconds == 0
            && event.duration.seconds % step.seconds == 0
        return isAligned ? nil : .unalignedEvent
    }

    /// Why a day can say nothing about the load, leaving its kind aside.
    func unfitness(_ day: CivilDay, ignoringEvents: Bool = false) -> ConsideredDay.Reason? {
        if calendar.eventDays.contains(day), !ignoringEvents { return .event }
        if calendar.outageDays.contains(day) { return .outage }
        if eventSlots.contains(where: { !history.isShown(day, $0) }) { return .skippedHour }
        return history.firstGap(day) == nil ? nil : .gap
    }
}
