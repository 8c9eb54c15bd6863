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
        case .metadata, .requestEvent, .poll, .report, .reply:
            break
        }
        if code == .notRegistered, !isRetiring { return registerAnew(after: code, now: now) }
        if code.isSuccess { refusals = 0 }
        switch (errand.purpose, answer) {
        case (.metadata, .registeredReport(let message)):
            accept(message.requests, answering: .empty, now: now)
        case (.report(let id), .updatedReport(let message)):
            if code == .invalidID { reports.drop(id) }
            if let cancel = message.cancel {
                _ = reports.cancel(cancel.reportRequestIDs, reportToFollow: cancel.reportToFollow, now: now)
            }
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
            if code == .invalidID, registration == nil { return .identityMismatch }
            return registerAnew(after: code, now: now)
        }
        let isRenewal = registration?.registrationID == registrationID
        registration = EndNodeRegistration(
            registrationID: registrationID, venID: venID, vtnID: message.vtnID,
            pollFrequency: message.pollFrequency ?? configuration.pollFrequency)
        nextPoll = now
        drained = 0
        // What a renewal keeps, a new registration has lost on both sides (rules 405 and 406). A VEN that starts
        // knows of nothing either.
        guard !isRenewal || !hasExchangedMetadata else { return nil }
        reports.forgetAll()
        hasExchangedMetadata = true
        agenda += [.metadata(nil), .requestEvent]
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

    private mutating func forget() {
        registration = nil
        hasExchangedMetadata = false
        reports.forgetAll()
        review = nil
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
        case .createReport(let message):
            accept(message.requests, answering: message.requestID, now: now)
        case .registerReport(let message):
            // The VTN offers nothing that this VEN wants (rule 344).
            reply(
                .registeredReport(
                    RegisteredReport(response: EiResponse(requestID: message.requestID), venID: venID)))
        case .updateReport(let message):
            reply(
                .updatedReport(
                    UpdatedReport(
                        response: EiResponse(
                            code: .invalidID, description: "nothing was asked for", requestID: message.requestID),
                        venID: venID)))
        case .cancelReport(let message):
            let fault = reports.cancel(message.reportRequestIDs, reportToFollow: message.reportToFollow, now: now)
            agenda.append(
                .canceledReport(
                    code: fault?.code ?? .success, explanation: fault?.explanation, requestID: message.requestID))
        case .cancelPartyRegistration(let message):
            return takeCancellation(message, now: now)
        case .requestReregistration:
            reply(.response(Response(response: EiResponse(), venID: venID)), at: .eiRegisterParty)
            agenda.append(.register)
        default:
            schedulePoll(now: now)
            return nil
        }
        pollAgain(now: now)
        return nil
    }

    /// The VTN ended the registration: with it go events, reports and ids (rule 407).
    private mutating func takeCancellation(_ message: CancelPartyRegistration, now: Instant) -> EndNodeFailure? {
        let isOurs = message.registrationID == registration?.registrationID
        let response = EiResponse(
            code: isOurs ? .success : .invalidID, description: isOurs ? nil : "registrationID is not known",
            requestID: message.requestID)
        let answer = CanceledPartyRegistration(
            response: response, registrationID: message.registrationID, venID: venID)
        guard isOurs else {
            reply(.canceledPartyRegistration(answer))
            pollAgain(now: now)
            return nil
        }
        forget()
        ledger.cancelAll(now: now, random: environment.random)
        reply(.canceledPartyRegistration(answer))
        isRetiring = true
        return nil
    }

    /// Takes requests for reports and says which of all run (rule 329). Where only metadata was wanted, it is sent.
    private mutating func accept(_ requests: [ReportRequest], answering requestID: RequestID, now: Instant) {
        guard !requests.isEmpty else { return }
        let fault = reports.accept(requests, now: now)
        // Before the first question for events, as the standard's sequence has it.
        agenda.insert(
            .createdReport(code: fault?.code ?? .success, explanation: fault?.explanation, requestID: requestID),
            at: 0)
        for request in requests where request.specifier.specifierID == .metadata {
            agenda.append(.metadata(request.requestID))
        }
    }

    /// Takes a list of events: complete, as this VEN asks without a limit.
    private mutating func take(_ message: DistributeEvent, now: Instant) {
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
        if review.open.isEmpty { settle([:], now: now) }
    }

    /// Some VTNs say `oadrResponse` where the list would be empty. What they do not mention is cancelled (rule 61).
    private mutating func takeNoEvents(now: Instant) {
        guard let vtnID = registration?.vtnID else { return }
        take(DistributeEvent(requestID: .empty, vtnID: vtnID), now: now)
    }

    /// Enters what was decided and answers the whole message at once (rule 12).
    mutating func settle(_ decisions: [EventID: OptType], now: Instant) {
        guard let review else { return }
        self.review = nil
        let answers = ledger.settle(review, with: decisions, now: now, random: environment.random)
        guard !answers.isEmpty else { return }
        reply(.createdEvent(CreatedEvent(eventResponses: answers, venID: venID)))
    }

    mutating func report(_ readings: [RID: [IntervalReading]], now: Instant) {
        guard let id = reading else { return }
        reading = nil
        guard let report = reports.report(id, readings: readings, now: now) else { return }
        let message = UpdateReport(requestID: newRequestID(), reports: [report], venID: venID)
        agenda.append(.message(.updateReport(message), .report(id)))
    }

    private mutating func reply(_ payload: Payload, at service: ServiceName? = nil) {
        agenda.append(.message(payload, .reply(service ?? payload.service ?? .eiRegisterParty)))
    }
}
