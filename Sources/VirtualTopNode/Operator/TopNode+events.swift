public import Measures
public import OpenADR

extension TopNode {
    /// Publishes an event: its participants get it with their next polls, or are sent it.
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
        try OperatorError.check(terms)
        try OperatorError.check(eventID.rawValue, "eventID", limit: 128)
        return try await store.transaction { transaction in
            let vens = try await transaction.lock(participants.map(\.venID))
            guard try await transaction.event(eventID) == nil else { throw OperatorError.eventExists(eventID) }
            try Self.check(participants, of: vens, terms: terms)
            try await checkProgramme(terms, participants, except: eventID, now: now, transaction)
            let event = EventRecord(eventID: eventID, terms: terms, createdAt: now, changedAt: now)
            try await transaction.save(event)
            try await transaction.save(participants.map { EventParticipation($0, in: eventID) })
            try await announce(event, to: participants.map(\.venID), now: now, transaction)
            return event
        }
    }

    /// Changes a pending or active event; its number rises by one (rule 5). A change that changes nothing is none.
    ///
    /// - Parameters:
    ///   - terms: the new ones; nil keeps the old.
    ///   - participants: the complete new list; a VEN that is not in it sees the event cancelled. Nil keeps the old.
    ///   - reason: why, for the VENs' people.
    ///   - number: the version that the change was made from; nil changes whatever there is.
    @discardableResult
    public func modify(
        _ eventID: EventID, terms: EventTerms? = nil, participants: [ParticipantPlan]? = nil, reason: String? = nil,
        expecting number: UInt32? = nil, now: Instant
    ) async throws -> EventRecord {
        if let terms { try OperatorError.check(terms) }
        try OperatorError.check(reason, "reason", limit: 190)
        return try await store.transaction { transaction in
            let involved = try await transaction.participations(in: eventID).map(\.venID)
            let vens = try await transaction.lock(involved + (participants ?? []).map(\.venID))
            guard var event = try await transaction.event(eventID) else { throw OperatorError.unknownEvent(eventID) }
            if let number, number != event.modificationNumber {
                throw OperatorError.changedMeanwhile(eventID, event.modificationNumber)
            }
            let current = try await transaction.participations(in: eventID)
            var change = EventModification(event: event, participations: current, now: now)
            try change.apply(terms: terms, participants: participants, reason: reason)
            try Self.check(change.plans, of: vens, terms: change.event.terms)
            guard change.isChange else { return event }
            event = change.event
            try await checkProgramme(event.terms, change.plans, except: eventID, now: now, transaction)
            try await transaction.save(event)
            try await transaction.save(change.participations.filter { $0.mustBeSaved(beside: current) })
            let hearers = change.participations.filter { change.mustHear($0) }
            try await announce(event, to: hearers.map(\.venID), now: now, transaction)
            return event
        }
    }

    /// Cancels an event for everyone (rule 10). Cancelling it again changes nothing.
    @discardableResult
    public func cancel(_ eventID: EventID, reason: String? = nil, now: Instant) async throws -> EventRecord {
        try OperatorError.check(reason, "reason", limit: 190)
        return try await store.transaction { transaction in
            let involved = try await transaction.participations(in: eventID)
            _ = try await transaction.lock(involved.map(\.venID))
            guard var event = try await transaction.event(eventID) else { throw OperatorError.unknownEvent(eventID) }
            if event.cancelledAt != nil { return event }
            guard event.status(at: now) != .completed else { throw OperatorError.eventIsOver(eventID) }
            event.cancelledAt = now
            event.changedAt = now
            event.changeReason = reason
            event.modificationNumber += 1
            try await transaction.save(event)
            let hearers = try await transaction.participations(in: eventID).filter { $0.withdrawnModification == nil }
            try await announce(event, to: hearers.map(\.venID), now: now, transaction)
            return event
        }
    }

    private func announce(
        _ event: EventRecord, to vens: [VENID], now: Instant, _ transaction: any TopNodeTransaction
    ) async throws {
        try await transaction.save(
            vens.map { ven in
                let key = OutboxRow.Key(venID: ven, kind: .distributeEvent, subject: event.eventID.rawValue)
                return OutboxRow(key: key, modification: event.modificationNumber, enqueuedAt: now)
            })
    }

    private static func check(_ plans: [ParticipantPlan], of vens: [VENID: VENRecord], terms: EventTerms) throws {
        guard !plans.isEmpty else { throw OperatorError.noParticipants }
        var seen: Set<VENID> = []
        for plan in plans {
            guard seen.insert(plan.venID).inserted else { throw OperatorError.participantTwice(plan.venID) }
            guard let ven = vens[plan.venID] else { throw OperatorError.unknownVEN(plan.venID) }
            guard ven.endpoint?.isReportOnly != true else { throw OperatorError.takesNoEvents(plan.venID) }
            guard !plan.signals.isEmpty, Set(plan.signals.map(\.subject)).count == plan.signals.count,
                plan.signals.allSatisfy({ $0.values.count == terms.steps.count })
            else { throw OperatorError.signalsDoNotFitSteps(plan.venID) }
            let named = plan.resources + (plan.baseline?.resources ?? [])
            if let foreign = named.first(where: { !ven.resources.contains($0) }) {
                throw OperatorError.unknownResource(foreign, plan.venID)
            }
        }
    }

    /// What the programme says about times that a VEN opted out of, and about overlaps (rules 18 and 201).
    private func checkProgramme(
        _ terms: EventTerms, _ plans: [ParticipantPlan], except eventID: EventID, now: Instant,
        _ transaction: any TopNodeTransaction
    ) async throws {
        let rules = try await transaction.rules(of: terms.marketContext)
        for plan in plans {
            if rules.duringOptOut == .refuse {
                let schedules = try await transaction.optSchedules(of: plan.venID)
                let resources: [ResourceID?] = plan.resources.isEmpty ? [nil] : plan.resources
                guard resources.allSatisfy({ !schedules.optsOut(of: terms, resource: $0) }) else {
                    throw OperatorError.optedOut(plan.venID)
                }
            }
            guard rules.overlap == .refuse else { continue }
            let others = try await transaction.participations(of: plan.venID, endingAfter: now)
            let clash = others.first {
                $0.event.eventID != eventID && $0.event.cancelledAt == nil
                    && $0.participation.withdrawnModification == nil
                    && $0.event.terms.marketContext == terms.marketContext && $0.event.terms.overlaps(terms)
            }
            if let clash { throw OperatorError.overlaps(clash.event.eventID, plan.venID) }
        }
    }
}

extension TopNodeTransaction {
    /// Locks VENs in the one order that everybody keeps: VENs before events, and VENs by their ids. A VEN's own message
    /// locks its VEN first too, so that operators and VENs wait for each other but never in a circle.
    func lock(_ ids: [VENID]) async throws -> [VENID: VENRecord] {
        try await vens(Set(ids))
    }
}

extension OperatorError {
    static func check(_ text: String?, _ what: String, limit: Int) throws(OperatorError) {
        guard let text, text.unicodeScalars.count > limit else { return }
        throw .tooLong(what, limit: limit)
    }

    static func check(_ terms: EventTerms) throws(OperatorError) {
        try check(terms.marketContext.rawValue, "marketContext", limit: 256)
        try check(terms.comment, "comment", limit: 4_096)
    }
}
