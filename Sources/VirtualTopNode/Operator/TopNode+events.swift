public import Measures
public import OpenADR

extension TopNode {
    /// Publishes an event: its participants get it with their next polls.
    ///
    /// - Parameters:
    ///   - eventID: an id of the operator's; by default a new one.
    ///   - terms: what is the same for all.
    ///   - participants: at least one, all of them admitted VENs.
    @discardableResult
    public func issue(
        _ eventID: EventID? = nil, terms: EventTerms, participants: [ParticipantPlan], now: Instant
    ) async throws -> EventRecord {
        let eventID = eventID ?? EventID(environment.makeID())
        if let end = terms.end, end <= now { throw OperatorError.eventIsOver(eventID) }
        return try await store.transaction { transaction in
            guard try await transaction.event(eventID) == nil else { throw OperatorError.eventExists(eventID) }
            try await check(participants, terms: terms, transaction)
            let event = EventRecord(eventID: eventID, terms: terms, createdAt: now, changedAt: now)
            try await transaction.save(event)
            for plan in participants {
                try await transaction.save(
                    EventParticipation(
                        eventID: eventID, venID: plan.venID, signals: plan.signals, resources: plan.resources))
                try await announce(event, to: plan.venID, now: now, transaction)
            }
            return event
        }
    }

    /// Changes a pending or active event; its number rises by one (rule 5). A change that changes nothing is none.
    ///
    /// - Parameters:
    ///   - terms: the new ones; nil keeps the old.
    ///   - participants: the complete new list; a VEN that is not in it sees the event cancelled. Nil keeps the old.
    @discardableResult
    public func modify(
        _ eventID: EventID, terms: EventTerms? = nil, participants: [ParticipantPlan]? = nil, now: Instant
    ) async throws -> EventRecord {
        try await store.transaction { transaction in
            guard var event = try await transaction.event(eventID) else { throw OperatorError.unknownEvent(eventID) }
            let current = try await transaction.participations(in: eventID)
            var change = EventModification(event: event, participations: current, now: now)
            try change.apply(terms: terms, participants: participants)
            try await check(change.plans, terms: change.event.terms, transaction)
            guard change.isChange else { return event }
            event = change.event
            try await transaction.save(event)
            for participation in change.participations where participation.mustBeSaved(beside: current) {
                try await transaction.save(participation)
            }
            for participation in change.participations where change.mustHear(participation) {
                try await announce(event, to: participation.venID, now: now, transaction)
            }
            return event
        }
    }

    /// Cancels an event for everyone (rule 10). Cancelling it again changes nothing.
    @discardableResult
    public func cancel(_ eventID: EventID, now: Instant) async throws -> EventRecord {
        try await store.transaction { transaction in
            guard var event = try await transaction.event(eventID) else { throw OperatorError.unknownEvent(eventID) }
            if event.cancelledAt != nil { return event }
            guard event.status(at: now) != .completed else { throw OperatorError.eventIsOver(eventID) }
            event.cancelledAt = now
            event.changedAt = now
            event.modificationNumber += 1
            try await transaction.save(event)
            for participation in try await transaction.participations(in: eventID)
            where participation.withdrawnModification == nil {
                try await announce(event, to: participation.venID, now: now, transaction)
            }
            return event
        }
    }

    private func announce(
        _ event: EventRecord, to ven: VENID, now: Instant, _ transaction: any TopNodeTransaction
    ) async throws {
        let key = OutboxRow.Key(venID: ven, kind: .distributeEvent, subject: event.eventID.rawValue)
        try await transaction.save(OutboxRow(key: key, modification: event.modificationNumber, enqueuedAt: now))
    }

    private func check(
        _ plans: [ParticipantPlan], terms: EventTerms, _ transaction: any TopNodeTransaction
    ) async throws {
        guard !plans.isEmpty else { throw OperatorError.noParticipants }
        var seen: Set<VENID> = []
        for plan in plans {
            guard seen.insert(plan.venID).inserted else { throw OperatorError.participantTwice(plan.venID) }
            guard let ven = try await transaction.ven(plan.venID) else { throw OperatorError.unknownVEN(plan.venID) }
            guard !plan.signals.isEmpty, Set(plan.signals.map(\.kind)).count == plan.signals.count,
                plan.signals.allSatisfy({ $0.values.count == terms.steps.count })
            else { throw OperatorError.signalsDoNotFitSteps(plan.venID) }
            if let foreign = plan.resources.first(where: { !ven.resources.contains($0) }) {
                throw OperatorError.unknownResource(foreign, plan.venID)
            }
        }
    }
}
