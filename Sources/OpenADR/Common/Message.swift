/// One of the 23 messages of the profile.
public protocol Message: Hashable, Sendable {
    /// The local name of its element, in the namespace of OpenADR 2.0b.
    static var elementName: String { get }

    /// Where it is posted; nil for `oadrResponse`, which every service takes and gives.
    static var service: ServiceName? { get }
}
