import OpenADR

/// Why a request is answered with a 4xx: a value with a reason, not a failure of the VTN.
struct Refusal: Error, Hashable {
    let code: ResponseCode
    let explanation: String

    /// The same words for an id that does not exist and one that is another VEN's.
    static func unknown(_ kind: String) -> Refusal { Refusal(code: .invalidID, explanation: "\(kind) is not known") }

    static let notRegistered = Refusal(code: .notRegistered, explanation: "not registered")
    static let wrongVEN = unknown("venID")
}

extension Payload {
    /// The answer in which this message learns that it was refused: the message's natural response (rule 517).
    func refused(with refusal: Refusal, by vtn: VTNID, makeID: () -> String) -> Payload {
        let response = EiResponse(
            code: refusal.code, description: refusal.explanation, requestID: requestID ?? .empty)
        switch self {
        case .queryRegistration, .createPartyRegistration:
            return .createdPartyRegistration(CreatedPartyRegistration(response: response, vtnID: vtn))
        case .cancelPartyRegistration(let message):
            return .canceledPartyRegistration(
                CanceledPartyRegistration(
                    response: response, registrationID: message.registrationID, venID: message.venID))
        case .requestEvent:
            return .distributeEvent(
                DistributeEvent(response: response, requestID: RequestID(makeID()), vtnID: vtn))
        case .registerReport: return .registeredReport(RegisteredReport(response: response))
        case .createReport: return .createdReport(CreatedReport(response: response))
        case .updateReport: return .updatedReport(UpdatedReport(response: response))
        case .cancelReport: return .canceledReport(CanceledReport(response: response))
        case .createOpt(let message): return .createdOpt(CreatedOpt(response: response, optID: message.optID))
        case .cancelOpt(let message): return .canceledOpt(CanceledOpt(response: response, optID: message.optID))
        case .createdPartyRegistration, .canceledPartyRegistration, .requestReregistration, .distributeEvent,
            .createdEvent, .registeredReport, .createdReport, .updatedReport, .canceledReport, .createdOpt,
            .canceledOpt, .poll, .response:
            return .response(Response(response: response))
        }
    }
}
