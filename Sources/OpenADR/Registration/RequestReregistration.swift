/// `oadrRequestReregistration`: the VTN wants the VEN to register again.
public struct RequestReregistration: Message {
    public static let elementName = "oadrRequestReregistration"
    public static let service: ServiceName? = .eiRegisterParty

    public var venID: VENID

    public init(venID: VENID) {
        self.venID = venID
    }
}
