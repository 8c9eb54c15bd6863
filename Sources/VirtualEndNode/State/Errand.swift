import Measures
import OpenADR

/// Something to be sent. The message is made when its turn comes, so that it carries the ids of that moment.
enum Errand: Sendable {
    case query
    /// Anew, or again when the VEN is registered.
    case register
    case metadata(ReportRequestID?)
    case createdReport(code: ResponseCode, explanation: String?, requestID: RequestID)
    case requestEvent
    case poll
    /// A message that is ready; sent again it stays the same.
    case message(Payload, Purpose)

    /// Why something was sent: what its answer means.
    enum Purpose: Sendable {
        case query
        case register
        case metadata
        case requestEvent
        case poll
        case report(ReportRequestID)
        /// An opt, or the end of one; `event` when it is about one.
        case opt(OptID, event: EventID?)
        /// A reply or an acknowledgement, at this service.
        case reply(ServiceName)

        var isPoll: Bool { if case .poll = self { true } else { false } }

        var service: ServiceName {
            switch self {
            case .query, .register: .eiRegisterParty
            case .metadata, .report: .eiReport
            case .requestEvent: .eiEvent
            case .opt: .eiOpt
            case .poll: .oadrPoll
            case .reply(let service): service
            }
        }
    }

    var purpose: Purpose {
        switch self {
        case .query: .query
        case .register: .register
        case .metadata: .metadata
        case .createdReport: .reply(.eiReport)
        case .requestEvent: .requestEvent
        case .poll: .poll
        case .message(_, let purpose): purpose
        }
    }
}

extension EndNodeState {
    /// The id that goes into every message (rule 508).
    var venID: VENID { registration?.venID ?? configuration.venID ?? "" }

    func payload(for errand: Errand, now: Instant) -> Payload {
        switch errand {
        case .query:
            return .queryRegistration(QueryRegistration(requestID: newRequestID()))
        case .register:
            return .createPartyRegistration(
                CreatePartyRegistration(
                    requestID: newRequestID(), registrationID: registration?.registrationID,
                    venID: registration?.venID ?? (hasDroppedID ? nil : configuration.venID),
                    transport: configuration.transport,
                    usesXMLSignature: configuration.usesXMLSignature, venName: configuration.venName))
        case .metadata(let request):
            return .registerReport(
                RegisterReport(
                    requestID: newRequestID(),
                    reports: configuration.reports.map { $0.metadata(createdDateTime: now) }, venID: venID,
                    reportRequestID: request))
        case .createdReport(let code, let explanation, let requestID):
            return .createdReport(
                CreatedReport(
                    response: EiResponse(code: code, description: explanation, requestID: requestID),
                    pending: reports.pending, venID: venID))
        case .requestEvent:
            return .requestEvent(RequestEvent(requestID: newRequestID(), venID: venID))
        case .poll:
            return .poll(Poll(venID: venID))
        case .message(let payload, _):
            return payload
        }
    }

    func newRequestID() -> RequestID { RequestID(environment.makeID()) }
}
