import Measures
import OpenADR

extension EndNodeState {
    /// Takes the answer to what was sent; a failure ends the VEN.
    mutating func take(_ answer: Payload, to errand: Errand, now: Instant) -> EndNodeFailure? {
        let code = answer.response?.code ?? .success
        switch errand.purpose {
        case .query:
            // Whether the VEN may come in is the registration's question.
            return nil
        case .register:
            return takeRegistration(answer, code, now: now)
        case .metadata, .requestEvent, .poll, .report, .opt, .reply:
            break
        }
        if code == .notRegistered, !isRetiring { return registerAnew(after: code, now: now) }
        if case .requestReregistration = answer, !errand.purpose.isPoll { return registerOnDemand(now: now) }
        if code.isSuccess { refusals = 0 }
        // A VEN that is pushed to asks once in a while, whatever the answer was.
        if case .requestEvent = errand.purpose, !pulls { schedulePoll(now: now) }
        switch (errand.purpose, answer) {
        case (.metadata, .registeredReport(let message)):
            if code.isSuccess { announced = configuration.announcement }
            guard !message.requests.isEmpty else { break }
            let fault = accept(message.requests, now: now)
            // Before the first question for events, as the standard's sequence has it.
            agenda.insert(
                .createdReport(code: fault?.code ?? .success, explanation: fault?.explanation, requestID: .empty),
                at: 0)
        case (.opt(let id, let event), _):
            takeOpt(id, event: event, code: code)
        case (.report(let id), .updatedReport(let message)):
            // What the VTN refuses now it would refuse again.
            if code == .invalidID { reports.drop(id) } else { reports.delivered(id, now: now) }
            if let cancel = message.cancel {
                _ = reports.cancel(cancel.reportRequestIDs, reportToFollow: cancel.reportToFollow, now: now)
            }
        case (.report(let id), _):
            // Not the answer that the standard has, but one: the same report again would get it again.
            reports.delivered(id, now: now)
        case (.requestEvent, .distributeEvent(let message)):
            take(message, now: now)
        case (.requestEvent, .response):
            if code.isSuccess { takeNoEvents(now: now) }
        case (.poll, _):
            return takePoll(answer, code, now: now)
        default:
            break
        }
        return nil
    }

    private mutating func takeRegistration(
        _ answer: Payload, _ code: ResponseCode, now: Instant
    ) -> EndNodeFailure? {
        guard case .createdPartyRegistration(let message) = answer, code.isSuccess,
            let registrationID = message.registrationID, let venID = message.venID
        else {
            if code == .invalidID, registration == nil { return takeMismatch() }
            return registerAnew(after: code, now: now)
        }
        let isRenewal = registration?.registrationID == registrationID
        registration = EndNodeRegistration(
            registrationID: registrationID, venID: venID, vtnID: message.vtnID,
            pollFrequency: message.pollFrequency ?? configuration.pollFrequency)
        // A VEN that is pushed to has nothing to poll for; a renewal keeps its events (rule 405).
        if pulls { nextPoll = now } else { schedulePoll(now: now) }
        drained = 0
        if !isRenewal { opts.registrationIsNew() }
        // What a renewal keeps, a new registration has lost on both sides (rules 405 and 406). A VEN that starts
        // knows of nothing either.
        guard !isRenewal || !hasExchangedMetadata else { return nil }
        reports.forgetAll()
        hasExchangedMetadata = true
        agenda += [.metadata(nil), .requestEvent]
        return nil
    }

    /// A VTN that has forgotten this VEN may say so in answer to anything, as openleadr's does. At most once a minute, so
    /// that two who do not understand each other stay calm.
    private mutating func registerOnDemand(now: Instant) -> EndNodeFailure? {
        let pause = TimeSpan.minutes(1)
        if let last = reregisteredAt, now < last + pause { pausedUntil = last + pause }
        reregisteredAt = pausedUntil ?? now
        agenda = [.register]
        hasExchangedMetadata = false
        return nil
    }

    /// The VTN does not know this VEN, or not under these ids: a bounded number of new registrations.
    private mutating func registerAnew(after code: ResponseCode, now: Instant) -> EndNodeFailure? {
        refusals += 1
        guard refusals <= configuration.registrationAttempts else { return .notAdmitted(code) }
        forget()
        if refusals > 1 { pausedUntil = now + .seconds(min(1 << Int64(refusals), configuration.longestPause.seconds)) }
        agenda = [.register]
        return nil
    }

    /// The VTN does not know the id that was given beforehand. It knows the certificate, so it is asked once for an id.
    private mutating func takeMismatch() -> EndNodeFailure? {
        guard configuration.venID != nil, !hasDroppedID else { return .identityMismatch }
        hasDroppedID = true
        agenda = [.register]
        return nil
    }

    mutating func forget() {
        registration = nil
        hasExchangedMetadata = false
        announced = nil
        reports.forgetAll()
        review = nil
        arrivals = []
        agenda = []
    }

    private mutating func takePoll(_ answer: Payload, _ code: ResponseCode, now: Instant) -> EndNodeFailure? {
        switch answer {
        case .response:
            drained = 0
            schedulePoll(now: now)
            return code == .invalidID ? .identityMismatch : nil
        case .distributeEvent(let message):
            take(message, now: now)
        default:
            guard let reply = reply(to: answer, now: now) else {
                schedulePoll(now: now)
                return nil
            }
            // Before whatever else it led to.
            agenda.insert(.message(reply, .reply(reply.service ?? .eiRegisterParty)), at: 0)
            if isRetiring { return nil }
        }
        pollAgain(now: now)
        return nil
    }

    /// Takes requests for reports; where only metadata was wanted, it is sent. The first fault is the answer's.
    mutating func accept(_ requests: [ReportRequest], now: Instant) -> EventFault? {
        let fault = reports.accept(requests, now: now)
        for request in requests where request.specifier.specifierID == .metadata {
            agenda.append(.metadata(request.requestID))
        }
        return fault
    }

    /// Takes a list of events: complete, as this VEN asks without a limit.
    mutating func take(_ message: DistributeEvent, now: Instant) {
        guard message.response?.code.isSuccess ?? true else { return }
        guard message.vtnID == registration?.vtnID else {
            let error = EiResponse(
                code: .invalidID, description: "vtnID is not the one that registered this VEN",
                requestID: message.requestID)
            reply(.createdEvent(CreatedEvent(response: error, venID: venID)))
            return
        }
        let party = EventParty(
            venID: venID, resources: configuration.resources, marketContexts: configuration.marketContexts)
        let review = ledger.review(
            message, isComplete: true, for: party, now: now, random: environment.random)
        self.review = review
        opts.tidy(now: now) { ledger.known[$0] != nil }
        if undecided.isEmpty { settle([:], now: now) }
    }

    /// The events of the review about which nobody has said anything yet.
    var undecided: [Event] { review?.open.filter { opts.choice(for: $0) == nil } ?? [] }

    /// Some VTNs say `oadrResponse` where the list would be empty. What they do not mention is cancelled (rule 61).
    private mutating func takeNoEvents(now: Instant) {
        guard let vtnID = registration?.vtnID else { return }
        take(DistributeEvent(requestID: .empty, vtnID: vtnID), now: now)
    }

    /// Enters what was decided and answers the whole message at once (rule 12).
    mutating func settle(_ decisions: [EventID: OptType], now: Instant) {
        guard let review else { return }
        self.review = nil
        // What the site said by itself counts more than its policy.
        let own = review.open.compactMap { event in opts.choice(for: event).map { (event.id, $0) } }
        let decisions = decisions.merging(own) { _, own in own }
        let answers = ledger.settle(review, with: decisions, now: now, random: environment.random)
        guard !answers.isEmpty else { return }
        reply(.createdEvent(CreatedEvent(eventResponses: answers, venID: venID)))
    }

    mutating func report(_ readings: [RID: [IntervalReading]], now: Instant) {
        guard let id = reading else { return }
        reading = nil
        guard let report = reports.report(id, readings: readings, now: now) else {
            return reports.delivered(id, now: now)
        }
        let message = UpdateReport(requestID: newRequestID(), reports: [report], venID: venID)
        agenda.append(.message(.updateReport(message), .report(id)))
    }

    /// Notes what the resources are, and that people took over where they said no to an event that runs.
    mutating func report(_ statuses: [RID: ResourceStatus], now: Instant) {
        guard let id = reading else { return }
        reading = nil
        let isOverridden = ledger.known.values.contains { known in
            known.event.activePeriod.start <= now && !known.isOver(at: now) && !known.isCancelled
                && opts.choice(for: known.event) == .optOut
        }
        let seen = statuses.mapValues { status in
            ResourceStatus(
                isOnline: status.isOnline, isManuallyOverridden: status.isManuallyOverridden || isOverridden,
                loadControl: status.loadControl)
        }
        guard let report = reports.observe(id, seen, now: now) else { return }
        let message = UpdateReport(requestID: newRequestID(), reports: [report], venID: venID)
        agenda.append(.message(.updateReport(message), .report(id)))
    }

    private mutating func reply(_ payload: Payload) {
        agenda.append(.message(payload, .reply(payload.service ?? .eiRegisterParty)))
    }
}
