public import Measures

/// `oadrCreateOpt`: a VEN says for which times it is (not) available, or narrows its answer to an event.
public struct CreateOpt: Message {
    public static let elementName = "oadrCreateOpt"
    public static let service: ServiceName? = .eiOpt

    /// One of the two, never both (rule 206).
    public enum Scope: Hashable, Sendable {
        /// Windows, for one programme or for all (rule 205). A window of length zero is open-ended (rule 210).
        case schedule([TimeWindow], marketContext: MarketContext? = nil)
        case event(QualifiedEventID)
    }

    /// Need not be unique (rule 204).
    public var optID: OptID
    public var optType: OptType
    public var reason: OptReason
    public var venID: VENID
    public var createdDateTime: Instant
    public var requestID: RequestID
    public var scope: Scope
    /// For an event a subset of the event's target; nothing, or the VEN alone, means all its resources (rule 202).
    public var target: Target
    /// And-ed with target and programme (rule 209).
    public var deviceClasses: [DeviceClass]

    public init(
        optID: OptID, optType: OptType, reason: OptReason, venID: VENID, createdDateTime: Instant,
        requestID: RequestID, scope: Scope, target: Target = .everything, deviceClasses: [DeviceClass] = []
    ) {
        self.optID = optID
        self.optType = optType
        self.reason = reason
        self.venID = venID
        self.createdDateTime = createdDateTime
        self.requestID = requestID
        self.scope = scope
        self.target = target
        self.deviceClasses = deviceClasses
    }
}
