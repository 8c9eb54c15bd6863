public import OpenADR

/// Where a VEN stands with the VTN.
///
/// ```
///               create                     operator: register again
/// provisioned ─────────▶ registered(id) ──────────────────────────▶ reregistering(id)
///                          ▲   │  ▲                                       │
///                   create │   │  └───────────────────────────────────────┘ create with ids
///                          │   │ operator: cancel             VEN cancels, or confirms
///                          │   ├─────────────────▶ cancelling(id) ─┐
///                          │   │ VEN cancels                       ▼
///                          └───┴─────────────────────────▶ cancelled(id)
/// ```
public enum RegistrationState: Hashable, Sendable {
    /// Admitted by the operator, never registered.
    case provisioned
    case registered(RegistrationID)
    /// Registered; `oadrRequestReregistration` waits in its queue.
    case reregistering(RegistrationID)
    /// The VTN ended the registration, and the VEN has not confirmed it yet.
    case cancelling(RegistrationID)
    /// Ended by either side; the id is kept for a confirmation that is sent twice.
    case cancelled(RegistrationID)

    /// The registration that is in force.
    public var registrationID: RegistrationID? {
        switch self {
        case .registered(let id), .reregistering(let id): id
        case .provisioned, .cancelling, .cancelled: nil
        }
    }

    /// The registration that may still be ended or confirmed as ended.
    public var cancellableID: RegistrationID? {
        switch self {
        case .registered(let id), .reregistering(let id), .cancelling(let id), .cancelled(let id): id
        case .provisioned: nil
        }
    }

    public var isRegistered: Bool { registrationID != nil }
}
