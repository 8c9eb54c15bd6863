public import Measures
public import OpenADR

/// What a VEN says in the same exchange to a message that the VTN pushed.
public enum PushAnswer: Hashable, Sendable {
    /// HTTP 200 without a body: the answer to events follows by itself (clause 8.1).
    case nothing
    case payload(Payload)
}

extension EndNodeState {
    /// Takes a message that the VTN brought to this VEN's own address; the VTN's certificate has been checked.
    ///
    /// The VEN's next `handle` goes on with what follows from it; feed it `woke` when it waits.
    public mutating func receive(_ payload: Payload, at service: ServiceName, now: Instant) -> PushAnswer {
        let requestID = payload.requestID ?? .empty
        func refusal(_ code: ResponseCode, _ text: String) -> PushAnswer {
            .payload(
                .response(
                    Response(
                        response: EiResponse(code: code, description: text, requestID: requestID), venID: venID)))
        }
        guard payload.service == service else {
            return refusal(.complianceError, "\(payload.elementName) is not for \(service.rawValue)")
        }
        guard registration != nil else { return refusal(.notRegistered, "this VEN is not registered") }
        if let named = payload.venID, named != venID { return refusal(.invalidID, "that is not this VEN's venID") }
        if case .distributeEvent(let message) = payload {
            arrivals.append(message)
            return .nothing
        }
        guard let answer = reply(to: payload, now: now) else {
            return refusal(.complianceError, "a VEN takes no \(payload.elementName)")
        }
        return .payload(answer)
    }

    /// The answer to anything but events; nil for a message that a VTN does not send.
    mutating func reply(to payload: Payload, now: Instant) -> Payload? {
        switch payload {
        case .createReport(let message):
            let fault = accept(message.requests, now: now)
            return .createdReport(
                CreatedReport(
                    response: response(to: message.requestID, fault), pending: reports.pending, venID: venID))
        case .registerReport(let message):
            // The VTN offers nothing that this VEN wants (rule 344).
            return .registeredReport(
                RegisteredReport(response: EiResponse(requestID: message.requestID), venID: venID))
        case .updateReport(let message):
            let fault = EventFault(.invalidID, "nothing was asked for")
            return .updatedReport(UpdatedReport(response: response(to: message.requestID, fault), venID: venID))
        case .cancelReport(let message):
            let fault = reports.cancel(message.reportRequestIDs, reportToFollow: message.reportToFollow, now: now)
            return .canceledReport(
                CanceledReport(
                    response: response(to: message.requestID, fault), pending: reports.pending, venID: venID))
        case .cancelPartyRegistration(let message):
            return retire(message, now: now)
        case .requestReregistration:
            agenda.append(.register)
            return .response(Response(response: EiResponse(), venID: venID))
        default:
            return nil
        }
    }

    private func response(to requestID: RequestID, _ fault: EventFault?) -> EiResponse {
        EiResponse(code: fault?.code ?? .success, description: fault?.explanation, requestID: requestID)
    }

    /// The VTN ends the registration: with it go events, reports and ids (rule 407).
    private mutating func retire(_ message: CancelPartyRegistration, now: Instant) -> Payload {
        let isOurs = message.registrationID == registration?.registrationID
        let fault = isOurs ? nil : EventFault(.invalidID, "registrationID is not known")
        let answer = CanceledPartyRegistration(
            response: response(to: message.requestID, fault), registrationID: message.registrationID, venID: venID)
        if isOurs {
            forget()
            ledger.cancelAll(now: now, random: environment.random)
            isRetiring = true
        }
        return .canceledPartyRegistration(answer)
    }
}
