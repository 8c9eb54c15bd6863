public import Measures
public import OpenADR

/// Times for which a VEN said whether it takes part, whatever events there are (rules 200 to 211).
public struct OptSchedule: Hashable, Sendable {
    public enum State: String, Hashable, Codable, Sendable, CaseIterable {
        case inForce
        /// Replaced by a later one (rule 203); cancelling it is no error (rule 211).
        case superseded
        case cancelled
    }

    public let venID: VENID
    /// Not unique (rule 204).
    public let optID: OptID
    public let type: OptType
    public let reason: OptReason
    /// Nil means every programme (rule 205).
    public let marketContext: MarketContext?
    /// None means the VEN with all its resources.
    public let resources: [ResourceID]
    /// And-ed with the resources (rule 209); none means all devices.
    public let deviceClasses: [DeviceClass]
    /// A window of length zero is open-ended (rule 210).
    public let windows: [TimeWindow]
    public let createdAt: Instant
    public let receivedAt: Instant
    public var state: State

    public init(
        venID: VENID, optID: OptID, type: OptType, reason: OptReason, marketContext: MarketContext? = nil,
        resources: [ResourceID] = [], deviceClasses: [DeviceClass] = [], windows: [TimeWindow], createdAt: Instant,
        receivedAt: Instant,
        state: State = .inForce
    ) {
        self.venID = venID
        self.optID = optID
        self.type = type
        self.reason = reason
        self.marketContext = marketContext
        self.resources = resources
        self.deviceClasses = deviceClasses
        self.windows = windows
        self.createdAt = createdAt
        self.receivedAt = receivedAt
        self.state = state
    }

    /// What tells two schedules apart: VEN, optID and the VEN's own time of making.
    public struct Key: Hashable, Sendable {
        public let venID: VENID
        public let optID: OptID
        public let createdAt: Instant
    }

    public var key: Key { Key(venID: venID, optID: optID, createdAt: createdAt) }
}
