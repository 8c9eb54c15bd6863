/// `oadrCanceledPartyRegistration`: the answer to a cancellation.
public struct CanceledPartyRegistration: Message {
    public static let elementName = "oadrCanceledPartyRegistration"
    public static let service: ServiceName? = .eiRegisterParty

    public var response: EiResponse
    public var registrationID: RegistrationID?
    public var venID: VENID?

    public init(response: EiResponse, registrationID: RegistrationID? = nil, venID: VENID? = nil) {
        self.response = response
        self.registrationID = registrationID
        self.venID = venID
    }
}
