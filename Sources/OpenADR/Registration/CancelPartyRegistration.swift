/// `oadrCancelPartyRegistration`: either side ends a registration, and with it everything about it (rule 407).
public struct CancelPartyRegistration: Message {
    public static let elementName = "oadrCancelPartyRegistration"
    public static let service: ServiceName? = .eiRegisterParty

    public var requestID: RequestID
    public var registrationID: RegistrationID
    public var venID: VENID?

    public init(requestID: RequestID, registrationID: RegistrationID, venID: VENID? = nil) {
        self.requestID = requestID
        self.registrationID = registrationID
        self.venID = venID
    }
}
