public import Measures

/// `ei:eventDescriptor`.
public struct EventDescriptor: Hashable, Sendable {
    public var eventID: EventID
    /// Starts at 0; one more for every change but those of createdDateTime, status and currentValue (rules 4 and 5).
    public var modificationNumber: UInt32
    public var modificationDateTime: Instant?
    public var modificationReason: String?
    /// 1 is the most important; 0 is none and the least (rule 3).
    public var priority: UInt32?
    public var marketContext: MarketContext
    /// Renewed when anything in the payload changes, and the same for all events of a payload (rule 115).
    public var createdDateTime: Instant
    public var status: EventStatus
    /// Any text but `false` on the wire (rule 6).
    public var isTest: Bool
    public var vtnComment: String?

    public init(
        eventID: EventID, modificationNumber: UInt32 = 0, modificationDateTime: Instant? = nil,
        modificationReason: String? = nil, priority: UInt32? = nil, marketContext: MarketContext,
        createdDateTime: Instant, status: EventStatus, isTest: Bool = false, vtnComment: String? = nil
    ) {
        self.eventID = eventID
        self.modificationNumber = modificationNumber
        self.modificationDateTime = modificationDateTime
        self.modificationReason = modificationReason
        self.priority = priority
        self.marketContext = marketContext
        self.createdDateTime = createdDateTime
        self.status = status
        self.isTest = isTest
        self.vtnComment = vtnComment
    }
}

/// `ei:eventStatus`. The standard gives `none` no meaning; nobody should send it.
public enum EventStatus: String, Hashable, Codable, Sendable, CaseIterable {
    case none
    case far
    case near
    case active
    case completed
    case cancelled
}
