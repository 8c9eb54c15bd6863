import Measures
import OpenADR

/// An event with one VEN's part in it: what is turned into `oadrEvent` whenever a message needs it, so that no stale
/// copy of a changed event can go out.
struct EventEntry: Hashable {
    var event: EventRecord
    var participation: EventParticipation

    /// The version that this VEN is to know.
    var modificationNumber: UInt32 { participation.withdrawnModification ?? event.modificationNumber }

    var isCancelled: Bool { event.cancelledAt != nil || participation.withdrawnModification != nil }

    var isAcknowledged: Bool { participation.delivery.acknowledgedModification == modificationNumber }

    func status(at now: Instant) -> EventStatus { isCancelled ? .cancelled : event.status(at: now) }

    /// Where the event would be in its life had nobody cancelled it: a cancelled one keeps its place (rule 15).
    func plannedStatus(at now: Instant) -> EventStatus {
        var planned = event
        planned.cancelledAt = nil
        return planned.status(at: now)
    }

    func message(at now: Instant, createdDateTime: Instant, grid: PowerAttributes) -> Event {
        let terms = event.terms
        let descriptor = EventDescriptor(
            eventID: event.eventID, modificationNumber: modificationNumber,
            modificationDateTime: modificationNumber > 0 ? event.changedAt : nil,
            modificationReason: modificationNumber > 0 ? event.changeReason : nil, priority: terms.priority,
            marketContext: terms.marketContext, createdDateTime: createdDateTime, status: status(at: now),
            isTest: terms.isTest, vtnComment: terms.comment)
        let period = ActivePeriod(
            start: terms.start, duration: terms.duration, startAfter: terms.startAfter,
            notification: terms.notification, rampUp: terms.rampUp, recovery: terms.recovery)
        let target = Target(resources: participation.resources, targets: participation.targets)
        return Event(
            descriptor: descriptor, activePeriod: period, signals: signals(at: now, grid: grid),
            baseline: participation.baseline?.message(grid: grid),
            target: target.isEmpty ? Target(venIDs: [participation.venID]) : target,
            responseRequired: terms.responseRequired)
    }

    private func signals(at now: Instant, grid: PowerAttributes) -> [EventSignal] {
        participation.signals.enumerated().map { index, signal in
            EventSignal(
                signalID: SignalID("\(index)"), name: signal.kind.name, type: signal.kind.type,
                itemBase: signal.kind.unit?.itemBase(grid: grid),
                intervals: SignalInterval.numbered(zip(event.terms.steps, signal.values).map { ($0, $1) }),
                target: Target(endDeviceAssets: signal.deviceClasses), currentValue: currentValue(of: signal, at: now))
        }
    }

    /// The value of the step in force; without one 0 for SIMPLE and nothing for the rest (rules 14, 29 and 110).
    private func currentValue(of signal: ProgrammedSignal, at now: Instant) -> Double? {
        let idle: Double? = signal.kind == .simpleLevel ? 0 : nil
        guard status(at: now) == .active else { return idle }
        if event.terms.isOpenEnded { return signal.values.first ?? idle }
        var begin = event.terms.start
        for (step, value) in zip(event.terms.steps, signal.values) {
            if TimeWindow(start: begin, duration: step).contains(now) { return value }
            begin = begin + step
        }
        return idle
    }
}
