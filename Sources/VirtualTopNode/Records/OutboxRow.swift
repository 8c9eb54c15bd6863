public import Measures
public import OpenADR

/// Something that a VEN has to be told when it polls next. The message itself is made from the records at that moment.
///
/// Its key is (VEN, kind, subject): putting a row in again replaces it.
public struct OutboxRow: Hashable, Sendable {
    /// In the order in which they are handed out.
    public enum Kind: String, Hashable, Codable, Sendable, CaseIterable, Comparable {
        case cancelPartyRegistration
        case requestReregistration
        /// One message carries all events; each changed one has a row.
        case distributeEvent
        case registerReport
        case createReport
        case cancelReport

        public static func < (left: Kind, right: Kind) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    public struct Key: Hashable, Sendable {
        public let venID: VENID
        public let kind: Kind
        /// The id of the event, report request or registration; empty where there is none.
        public let subject: String

        public init(venID: VENID, kind: Kind, subject: String) {
            self.venID = venID
            self.kind = kind
            self.subject = subject
        }
    }

    public let key: Key
    /// Of the event; zero elsewhere.
    public let modification: UInt32
    public let enqueuedAt: Instant
    public internal(set) var sendCount: Int
    /// While it waits for the reply, it is handed out again only after a pause.
    public internal(set) var lastSentAt: Instant?

    public init(
        key: Key, modification: UInt32 = 0, enqueuedAt: Instant, sendCount: Int = 0, lastSentAt: Instant? = nil
    ) {
        self.key = key
        self.modification = modification
        self.enqueuedAt = enqueuedAt
        self.sendCount = sendCount
        self.lastSentAt = lastSentAt
    }
}
