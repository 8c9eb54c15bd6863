public import Measures
public import OpenADR

/// What happened to a VEN.
public enum EndNodeInput: Sendable {
    /// It was switched on.
    case started
    /// The VTN answered what was sent last.
    case answered(Payload)
    /// What was sent last got no answer that could be understood.
    case failed
    /// The VTN wants what was sent last again, but not before this time has passed.
    case postponed(TimeSpan)
    /// The VTN broke down over what was sent last (500).
    case broken
    /// The VTN refused the HTTP request itself, such that sending it again makes no sense (404, 406, 501).
    case rejected
    /// The time that was waited for has come.
    case woke
    /// The events of the last `decide`; one that is missing is opted out.
    case decided([EventID: OptType])
    /// What the meters of the last `read` showed, by data point.
    case readings([RID: [IntervalReading]])
    /// What the resources of the last `observe` are, by data point; one that is missing is not known.
    case observed([RID: ResourceStatus])
    /// The last `follow` is done.
    case followed
}

/// What a VEN has to do next; one thing at a time, each with an input that says how it went.
public enum EndNodeAction: Hashable, Sendable {
    /// Post the message to the service of the VTN, then `answered`, `failed` or `rejected`.
    case exchange(Payload, ServiceName)
    /// Then `woke`.
    case wait(until: Instant)
    /// Ask somebody about these events, then `decided`.
    case decide([Event])
    /// Ask the meters, then `readings`.
    case read([MeterQuery])
    /// See what the resources are, then `observed`.
    case observe([StatusQuery])
    /// Hand the timeline to what sheds load, then `followed`.
    case follow(Timeline)
    /// Nothing more can be done without people.
    case stop(EndNodeFailure)
}

/// Why a VEN gave up.
public enum EndNodeFailure: Error, Hashable, Sendable {
    /// The VTN refused to register it as often as the configuration bears; the code of the last answer.
    case notAdmitted(ResponseCode)
    /// The VTN knows this certificate under another venID (452): going on would loop.
    case identityMismatch
    /// The VTN ended the registration, and the configuration does not want another one.
    case registrationCancelled
    /// The VTN does not have the service, or does not understand the message (404, 406, 501).
    case rejected(ServiceName)
}

extension EndNodeFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAdmitted(let code): "the VTN does not admit this VEN (\(code))"
        case .identityMismatch: "the VTN knows this certificate under another venID"
        case .registrationCancelled: "the VTN ended the registration"
        case .rejected(let service): "the VTN does not take the message at \(service.rawValue)"
        }
    }
}
