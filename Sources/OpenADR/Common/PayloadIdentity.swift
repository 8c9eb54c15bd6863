extension Payload {
    /// The VEN that the message names as sender or receiver. An empty id counts as none (rule 46).
    public var venID: VENID? {
        let id: VENID? =
            switch self {
            case .createPartyRegistration(let message): message.venID
            case .createdPartyRegistration(let message): message.venID
            case .cancelPartyRegistration(let message): message.venID
            case .canceledPartyRegistration(let message): message.venID
            case .requestReregistration(let message): message.venID
            case .requestEvent(let message): message.venID
            case .createdEvent(let message): message.venID
            case .registerReport(let message): message.venID
            case .registeredReport(let message): message.venID
            case .createReport(let message): message.venID
            case .createdReport(let message): message.venID
            case .updateReport(let message): message.venID
            case .updatedReport(let message): message.venID
            case .cancelReport(let message): message.venID
            case .canceledReport(let message): message.venID
            case .createOpt(let message): message.venID
            case .cancelOpt(let message): message.venID
            case .poll(let message): message.venID
            case .response(let message): message.venID
            case .queryRegistration, .distributeEvent, .createdOpt, .canceledOpt: nil
            }
        return id.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The id of a request, or the id that an answer echoes; nil where the message has neither.
    public var requestID: RequestID? {
        switch self {
        case .queryRegistration(let message): message.requestID
        case .createPartyRegistration(let message): message.requestID
        case .cancelPartyRegistration(let message): message.requestID
        case .requestEvent(let message): message.requestID
        case .distributeEvent(let message): message.requestID
        case .registerReport(let message): message.requestID
        case .createReport(let message): message.requestID
        case .updateReport(let message): message.requestID
        case .cancelReport(let message): message.requestID
        case .createOpt(let message): message.requestID
        case .cancelOpt(let message): message.requestID
        case .requestReregistration, .poll: nil
        case .createdPartyRegistration, .canceledPartyRegistration, .createdEvent, .registeredReport, .createdReport,
            .updatedReport, .canceledReport, .createdOpt, .canceledOpt, .response:
            response?.requestID
        }
    }

    /// How the request went that this message answers; nil for requests.
    public var response: EiResponse? {
        switch self {
        case .createdPartyRegistration(let message): message.response
        case .canceledPartyRegistration(let message): message.response
        case .distributeEvent(let message): message.response
        case .createdEvent(let message): message.response
        case .registeredReport(let message): message.response
        case .createdReport(let message): message.response
        case .updatedReport(let message): message.response
        case .canceledReport(let message): message.response
        case .createdOpt(let message): message.response
        case .canceledOpt(let message): message.response
        case .response(let message): message.response
        case .queryRegistration, .createPartyRegistration, .cancelPartyRegistration, .requestReregistration,
            .requestEvent, .registerReport, .createReport, .updateReport, .cancelReport, .createOpt, .cancelOpt, .poll:
            nil
        }
    }
}
