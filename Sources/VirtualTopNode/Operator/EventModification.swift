import Measures
import OpenADR

/// A change of a published event, worked out before anything is written.
struct EventModification {
    private(set) var event: EventRecord
    private(set) var participations: [EventParticipation]
    private let before: EventRecord
    private let beforeParticipations: [EventParticipation]
    private let now: Instant

    init(event: EventRecord, participations: [EventParticipation], now: Instant) {
        self.event = event
        self.participations = participations
        before = event
        beforeParticipations = participations
        self.now = now
    }

    /// What takes part after the change, in the shape in which plans are checked.
    var plans: [ParticipantPlan] {
        participations.filter { $0.withdrawnModification == nil }.map {
            ParticipantPlan(
                venID: $0.venID, signals: $0.signals, resources: $0.resources, targets: $0.targets,
                baseline: $0.baseline)
        }
    }

    var isChange: Bool { event.modificationNumber != before.modificationNumber }

    mutating func apply(
        terms: EventTerms?, participants: [ParticipantPlan]?, reason: String?
    ) throws(OperatorError) {
        guard ![.cancelled, .completed].contains(event.status(at: now)) else {
            throw .eventIsOver(event.eventID)
        }
        let number = event.modificationNumber + 1
        if let terms { event.terms = terms }
        if let participants { replace(with: participants, at: number) }
        try refuseChangesOfThePast()
        guard event.terms != before.terms || participations != beforeParticipations else { return }
        event.modificationNumber = number
        event.changedAt = now
        event.changeReason = reason
    }

    /// Those who hear of the new version: all but the ones that had left before.
    func mustHear(_ participation: EventParticipation) -> Bool {
        participation.withdrawnModification == nil
            || participation.withdrawnModification == event.modificationNumber
    }

    private mutating func replace(with plans: [ParticipantPlan], at number: UInt32) {
        for index in participations.indices {
            if let plan = plans.first(where: { $0.venID == participations[index].venID }) {
                participations[index].signals = plan.signals
                participations[index].resources = plan.resources
                participations[index].targets = plan.targets
                participations[index].baseline = plan.baseline
                participations[index].withdrawnModification = nil
            } else if participations[index].withdrawnModification == nil {
                participations[index].withdrawnModification = number
            }
        }
        let known = Set(participations.map(\.venID))
        for plan in plans where !known.contains(plan.venID) {
            participations.append(EventParticipation(plan, in: event.eventID))
        }
    }

    /// Rule 20: the start of an active event and its steps that have passed stay as they were.
    private func refuseChangesOfThePast() throws(OperatorError) {
        let old = before.terms
        guard event.terms.marketContext == old.marketContext else { throw .changesTheProgramme(event.eventID) }
        if let end = event.terms.end, end <= now { throw .changesThePast(event.eventID) }
        guard now >= old.start else {
            if event.terms.start < now { throw .changesThePast(event.eventID) }
            return
        }
        var stepEnd = old.start
        var passed = 0
        for step in old.steps {
            stepEnd = stepEnd + step
            if stepEnd <= now, step > .zero { passed += 1 }
        }
        guard event.terms.start == old.start, event.terms.steps.prefix(passed) == old.steps.prefix(passed) else {
            throw .changesThePast(event.eventID)
        }
        for participation in participations {
            guard let former = beforeParticipations.first(where: { $0.venID == participation.venID }) else { continue }
            let isKept = former.signals.allSatisfy { signal in
                let now = participation.signals.first { $0.subject == signal.subject }
                return now == nil || now?.values.prefix(passed) == signal.values.prefix(passed)
            }
            guard isKept else { throw .changesThePast(event.eventID) }
        }
    }
}

extension EventParticipation {
    init(_ plan: ParticipantPlan, in event: EventID) {
        self.init(
            eventID: event, venID: plan.venID, signals: plan.signals, resources: plan.resources, targets: plan.targets,
            baseline: plan.baseline)
    }

    func mustBeSaved(beside former: [EventParticipation]) -> Bool {
        former.first { $0.venID == venID } != self
    }
}
