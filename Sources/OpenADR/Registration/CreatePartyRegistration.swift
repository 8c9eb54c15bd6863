/// `oadrCreatePartyRegistration`: a VEN registers, or renews its registration when it gives the registration's id.
public struct CreatePartyRegistration: Message {
    public static let elementName = "oadrCreatePartyRegistration"
    public static let service: ServiceName? = .eiRegisterParty

    public var requestID: RequestID
    /// Only and always when the VEN registers again (rule 402).
    public var registrationID: RegistrationID?
    /// When the VEN registers again, or was given one beforehand.
    public var venID: VENID?
    public var profile: ProfileName
    public var transport: Transport
    /// The VEN offers reports and takes no events.
    public var isReportOnly: Bool
    public var usesXMLSignature: Bool
    /// For people.
    public var venName: String?

    public init(
        requestID: RequestID, registrationID: RegistrationID? = nil, venID: VENID? = nil,
        profile: ProfileName = .twoPointZeroB, transport: Transport = .httpPull, isReportOnly: Bool = false,
        usesXMLSignature: Bool = false, venName: String? = nil
    ) {
        self.requestID = requestID
        self.registrationID = registrationID
        self.venID = venID
        self.profile = profile
        self.transport = transport
        self.isReportOnly = isReportOnly
        self.usesXMLSignature = usesXMLSignature
        self.venName = venName
    }
}
