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
    /// The mean load of meters that were not called, for a control group.
    public let controlGroup: MeterHistory?
    /// The local day of the event.
    public let eventDay: CivilDay
    /// The event's slots of the local clock, one for each interval.
    let eventSlots: [Int]

    public init(
        event: TimeWindow, history: MeterHistory, calendar: DayCalendar,
        maximumTemperatures: [CivilDay: Double] = [:], temperatures: TemperatureHistory? = nil,
        controlGroup: MeterHistory? = nil
    ) {
        self.event = event
        self.history = history
        self.calendar = calendar
        self.maximumTemperatures = maximumTemperatures
        self.temperatures = temperatures
        self.controlGroup = controlGroup
        eventDay = calendar.zone.local(event.start).day
        eventSlots = event.intervals(every: history.step).map { history.slot($0.start).slot }
    }

    var isBusinessDay: Bool { calendar.isBusinessDay(eventDay) }

    /// The mean over the event's slots.
    func eventMean(_ day: CivilDay) -> Double? { history.mean(day, eventSlots) }

    var hourBefore: TimeWindow { TimeWindow(start: event.start - .hours(1), duration: .hours(1)) }
    var hoursAfter: TimeWindow { TimeWindow(start: event.end, duration: .hours(2)) }

    /// The whole intervals of a window that lie on the event's day, with their slots.
    func shoulder(_ window: TimeWindow) -> [(window: TimeWindow, slot: Int)] {
        window.intervals(every: history.step).compactMap { interval in
            let (day, slot) = history.slot(interval.start)
            return day == eventDay && interval.duration == history.step ? (interval, slot) : nil
        }
    }

    /// Why the event cannot have a baseline, whatever the rule.
    var flaw: BaselineRefusal.Reason? {
        let step = history.step
        guard event.duration > .zero,
            calendar.zone.local(Instant(secondsSinceEpoch: event.end.secondsSinceEpoch - 1)).day
                == eventDay, controlGroup.map({ $0.step == step }) ?? true
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

    /// What was known a while before the event: no later reading, and of the event day's temperature only what could be
    /// foreseen.
    func known(before gap: TimeSpan) -> BaselineContext {
        let cutoff = event.start - gap
        let slot = history.slot(cutoff)
        let first = slot.day == eventDay ? slot.slot : 0
        let hours = Int(TimeSpan.hours(3).seconds / history.step.seconds)
        let foreseen = temperatures?.foreseen(
            eventDay, from: first, slotsPerDay: history.slotsPerDay, recent: hours)
        var maxima = maximumTemperatures
        if let foreseen { maxima[eventDay] = foreseen.maximum(eventDay) }
        return BaselineContext(
            event: event, history: history.known(until: (eventDay, first)), calendar: calendar,
            maximumTemperatures: maxima,
            temperatures: foreseen, controlGroup: controlGroup)
    }

    /// The same without the event day's readings from an hour before the event on.
    func withoutLateLoad() -> BaselineContext {
        let slot = history.slot(event.start - .hours(1))
        return BaselineContext(
            event: event, history: history.known(until: (eventDay, slot.day == eventDay ? slot.slot : 0)),
            calendar: calendar,
            maximumTemperatures: maximumTemperatures, temperatures: temperatures, controlGroup: controlGroup)
    }
}
