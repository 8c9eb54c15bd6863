/// `oadrPoll`: a pull VEN asks for the next message (rule 500).
public struct Poll: Message {
    public static let elementName = "oadrPoll"
    public static let service: ServiceName? = .oadrPoll

    public var venID: VENID

    public init(venID: VENID) {
        self.venID = venID
    }
}
