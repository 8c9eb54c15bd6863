import OpenADR

extension Exchange {
    /// The requests whose answer is kept: those that change something and have an id. Without one they are known by their
    /// content, as event responses always are (rule 42): eventID, number and opt; rID and start (rule 346); optID. Reads
    /// are answered afresh.
    func answerKey(of payload: Payload) -> StoredAnswer.Key? {
        switch payload {
        case .createPartyRegistration, .cancelPartyRegistration, .registerReport, .createReport, .updateReport,
            .createOpt, .cancelOpt:
            guard let requestID = payload.requestID, !requestID.isEmpty else { return nil }
            return StoredAnswer.Key(
                certificate: ven.certificate, message: payload.elementName, requestID: requestID)
        default:
            return nil
        }
    }

    /// Over the decoded message: tells a repeated request from another one that uses its id. Only ever compared with what
    /// the same certificate sent.
    func contentDigest(of payload: Payload) -> UInt64 {
        var digest = ContentDigest()
        if case .updateReport(let message) = payload {
            digest.add(message)
        } else {
            digest.add(String(reflecting: payload))
        }
        return digest.value
    }

    /// The same answer as the first time, made from what was kept.
    func repeated(_ stored: StoredAnswer, of payload: Payload) async throws -> Outcome {
        let response = EiResponse(
            code: stored.code, description: stored.explanation, requestID: stored.key.requestID)
        let first = stored.references.first ?? ""
        switch payload {
        case .createPartyRegistration:
            let desk = RegistrationDesk(ven: ven, configuration: configuration, now: now)
            return .answered(desk.created(response, RegistrationID(first)))
        case .cancelPartyRegistration:
            return .answered(
                .canceledPartyRegistration(
                    CanceledPartyRegistration(
                        response: response, registrationID: RegistrationID(first), venID: ven.venID)))
        case .registerReport:
            let requests = try await transaction.reportRequests(of: ven.venID)
                .filter { stored.references.contains($0.requestID.rawValue) }
            return .answered(
                .registeredReport(
                    RegisteredReport(response: response, requests: requests.map(\.message), venID: ven.venID)))
        case .createReport:
            return .answered(.createdReport(CreatedReport(response: response, venID: ven.venID)))
        case .updateReport:
            let cancelled = stored.references.dropFirst().map { ReportRequestID($0) }
            let cancel =
                cancelled.isEmpty
                ? nil : CancelReport(requestID: RequestID(first), reportRequestIDs: cancelled, venID: ven.venID)
            return .answered(
                .updatedReport(UpdatedReport(response: response, cancel: cancel, venID: ven.venID)))
        case .createOpt:
            return .answered(.createdOpt(CreatedOpt(response: response, optID: OptID(first))))
        default:
            return .answered(.canceledOpt(CanceledOpt(response: response, optID: OptID(first))))
        }
    }
}
