import OpenADR

/// Why a request is answered with a 4xx: a value with a reason, not a failure of the VTN.
struct Refusal: Error, Hashable {
    let code: ResponseCode
    let explanation: String

    /// The same words for an id that does not exist and one that is another VEN's.
    static func unknown(_ kind: String) -> Refusal { Refusal(code: .invalidID, explanation: "\(kind) is not known") }

    static let notRegistered = Refusal(code: .notRegistered, explanation: "not registered")
    static let wrongVEN = unknown("venID")
    static let outOfRange = Refusal(code: .invalidData, explanation: "a value out of range")
}

extension Payload {
    /// The answer in which this message learns that it was refused: the message's natural response (rule 517).
    func refused(with refusal: Refusal, by vtn: VTNID, makeID: () -> String) -> Payload {
        let response = EiResponse(
            code: refusal.code, description: refusal.explanation, requestID: requestID ?? .empty)
        return .refusal(
            of: elementName, subject: subject, venID: venID, response: response, by: vtn, makeID: makeID)
    }

    /// The id that a refusal repeats.
    private var subject: String? {
        switch self {
        case .cancelPartyRegistration(let message): message.registrationID.rawValue
        case .createOpt(let message): message.optID.rawValue
        case .cancelOpt(let message): message.optID.rawValue
        default: nil
        }
    }
}
