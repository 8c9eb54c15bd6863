/// Any of the 23 messages: what `oadrPayload` carries.
public enum Payload: Hashable, Sendable {
    case queryRegistration(QueryRegistration)
    case createPartyRegistration(CreatePartyRegistration)
    case createdPartyRegistration(CreatedPartyRegistration)
    case cancelPartyRegistration(CancelPartyRegistration)
    case canceledPartyRegistration(CanceledPartyRegistration)
    case requestReregistration(RequestReregistration)
    case requestEvent(RequestEvent)
    case distributeEvent(DistributeEvent)
    case createdEvent(CreatedEvent)
    case registerReport(RegisterReport)
    case registeredReport(RegisteredReport)
    case createReport(CreateReport)
    case createdReport(CreatedReport)
    case updateReport(UpdateReport)
    case updatedReport(UpdatedReport)
    case cancelReport(CancelReport)
    case canceledReport(CanceledReport)
    case createOpt(CreateOpt)
    case createdOpt(CreatedOpt)
    case cancelOpt(CancelOpt)
    case canceledOpt(CanceledOpt)
    case poll(Poll)
    case response(Response)

    /// The message inside.
    public var message: any Message {
        switch self {
        case .queryRegistration(let message): message
        case .createPartyRegistration(let message): message
        case .createdPartyRegistration(let message): message
        case .cancelPartyRegistration(let message): message
        case .canceledPartyRegistration(let message): message
        case .requestReregistration(let message): message
        case .requestEvent(let message): message
        case .distributeEvent(let message): message
        case .createdEvent(let message): message
        case .registerReport(let message): message
        case .registeredReport(let message): message
        case .createReport(let message): message
        case .createdReport(let message): message
        case .updateReport(let message): message
        case .updatedReport(let message): message
        case .cancelReport(let message): message
        case .canceledReport(let message): message
        case .createOpt(let message): message
        case .createdOpt(let message): message
        case .cancelOpt(let message): message
        case .canceledOpt(let message): message
        case .poll(let message): message
        case .response(let message): message
        }
    }

    public var elementName: String { type(of: message).elementName }

    /// Where it is posted; nil for `oadrResponse`, which every service takes and gives.
    public var service: ServiceName? { type(of: message).service }
}
