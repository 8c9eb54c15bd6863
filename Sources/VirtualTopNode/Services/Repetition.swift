import OpenADR

extension Exchange {
    /// The requests whose answer is kept: those that would do something else the second time. Telemetry and event
    /// responses are known by their content (rule 346), reads are always answered afresh.
    func answerKey(of payload: Payload) -> StoredAnswer.Key? {
        switch payload {
        case .createPartyRegistration, .cancelPartyRegistration, .registerReport, .createOpt, .cancelOpt:
            guard let requestID = payload.requestID, !requestID.isEmpty else { return nil }
            return StoredAnswer.Key(
                certificate: ven.certificate, message: payload.elementName, requestID: requestID)
        default:
            return nil
        }
    }

    /// FNV-1a over the decoded message: tells a repeated request from another one that uses its id. Only ever compared
    /// with what the same certificate sent.
    func contentDigest(of payload: Payload) -> UInt64 {
        String(reflecting: payload).utf8.reduce(0xcbf2_9ce4_8422_2325) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
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
        case .createOpt:
            return .answered(.createdOpt(CreatedOpt(response: response, optID: OptID(first))))
        default:
            return .answered(.canceledOpt(CanceledOpt(response: response, optID: OptID(first))))
        }
    }
}
