import Measures

/// When the demo's event takes place, and what is known before it.
struct DemoScenario: Sendable {
    let eventDay: CivilDay
    /// The clock by which the operator thinks.
    let zone: ZoneRules
    let window: TimeWindow
    /// Where the simulated clock starts: readings before it are imported, readings after it come as telemetry.
    let clockStart: Instant
    /// The steps of the event.
    let steps: [TimeWindow]

    /// The event lasts an hour from 17:00 of the local clock; the operator decides two hours before.
    init?(eventDay: CivilDay, zone: ZoneRules) {
        guard let start = zone.instant(eventDay, at: .hours(17)) else { return nil }
        self.eventDay = eventDay
        self.zone = zone
        window = TimeWindow(start: start, duration: .hours(1))
        clockStart = start - .hours(2)
        steps = window.intervals(every: .minutes(15))
    }
}
