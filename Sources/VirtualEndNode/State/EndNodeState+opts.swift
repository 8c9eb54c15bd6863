public import Measures
public import OpenADR

extension EndNodeState {
    /// Does what people at the site want; the VTN hears of it with the next messages. Returns the id of a new opt.
    ///
    /// The VEN's next `handle` goes on with it; feed it `woke` when it waits.
    public mutating func perform(_ command: EndNodeCommand, now: Instant) throws(EndNodeRefusal) -> OptID {
        switch command {
        case .opt(let id, let type, let reason):
            guard let known = ledger.known[id] else { throw .unknownEvent(id) }
            guard !known.isOver(at: now) else { throw .eventIsOver(id) }
            ledger.change(id, to: type, now: now)
            // Rule 206: nothing is sent about an event that wants no answer.
            let state: LocalOpt.State = known.event.responseRequired == .always ? .unsent : .known
            return add(type, reason, .event(id), state, now: now)
        case .optResources(let id, let resources, let type, let reason):
            guard let known = ledger.known[id] else { throw .unknownEvent(id) }
            guard !known.isOver(at: now) else { throw .eventIsOver(id) }
            let asked =
                known.event.target.resourceIDs.isEmpty ? configuration.resources : known.event.target.resourceIDs
            if let stranger = resources.first(where: { !asked.contains($0) }) { throw .unknownResource(stranger) }
            let state: LocalOpt.State = known.event.responseRequired == .always ? .unsent : .known
            return add(type, reason, .event(id), state, resources: resources, now: now)
        case .schedule(let type, let windows, let reason, let context):
            guard windows.contains(where: { $0.duration == .zero || now < $0.end }) else { throw .emptySchedule }
            let id = add(type, reason, .schedule(windows, marketContext: context), .unsent, now: now)
            for (event, known) in ledger.known where opts.choice(for: known.event) == .optOut {
                ledger.change(event, to: .optOut, now: now)
            }
            return id
        case .withdraw(let id):
            guard let opt = opts.entries[id], case .schedule = opt.scope, opt.state != .withdrawing else {
                throw .unknownOpt(id)
            }
            if opt.state == .known { opts.set(id, .withdrawing) } else { opts.remove(id) }
            return id
        }
    }

    private mutating func add(
        _ type: OptType, _ reason: OptReason, _ scope: LocalOpt.Scope, _ state: LocalOpt.State,
        resources: [ResourceID]? = nil, now: Instant
    ) -> OptID {
        let id = OptID(environment.makeID())
        opts.add(
            LocalOpt(
                optID: id, type: type, reason: reason, scope: scope, resources: resources, createdAt: now, state: state)
        )
        return id
    }

    /// The message that tells the VTN of an opt; nil when there is nothing to tell any more.
    mutating func errand(for opt: LocalOpt, now: Instant) -> Errand? {
        if opt.state == .withdrawing {
            return .message(
                .cancelOpt(CancelOpt(requestID: newRequestID(), optID: opt.optID, venID: venID)),
                .opt(opt.optID, event: nil))
        }
        let scope: CreateOpt.Scope
        var eventID: EventID?
        switch opt.scope {
        case .event(let id):
            guard let event = ledger.known[id]?.event else {
                opts.remove(opt.optID)
                return nil
            }
            eventID = id
            scope = .event(event.qualifiedID)
        case .schedule(let windows, let context):
            scope = .schedule(windows, marketContext: context)
        }
        let message = CreateOpt(
            optID: opt.optID, optType: opt.type, reason: opt.reason, venID: venID, createdDateTime: opt.createdAt,
            requestID: newRequestID(), scope: scope,
            target: opt.resources.map { Target(resourceIDs: $0) } ?? Target(venIDs: [venID]))
        return .message(.createOpt(message), .opt(opt.optID, event: eventID))
    }

    /// The VTN's word on an opt; nil when it has no such service.
    mutating func takeOpt(_ id: OptID, event: EventID?, code: ResponseCode?) {
        guard let opt = opts.entries[id] else { return }
        if opt.state == .withdrawing { return opts.remove(id) }
        opts.set(id, code?.isSuccess == true ? .known : .refused)
        // Without EiOpt there is no word for a single resource.
        guard code?.isSuccess != true, opt.resources == nil, let event, let known = ledger.known[event] else { return }
        // What is left is to answer the event again (rule 17).
        agenda.append(
            .message(
                .createdEvent(
                    CreatedEvent(
                        eventResponses: [
                            EventResponse(
                                requestID: known.requestID, event: known.event.qualifiedID, optType: opt.type)
                        ], venID: venID)), .reply(.eiEvent)))
    }
}
