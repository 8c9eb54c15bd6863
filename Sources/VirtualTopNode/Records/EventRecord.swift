public import Measures
public import OpenADR

/// An event as the VTN published it.
public struct EventRecord: Hashable, Sendable {
    /// Unique in the VTN (rule 70), never changed.
    public let eventID: EventID
    /// 0 when published (rule 4), one more for each change (rule 5), the cancellation included (rule 10).
    public internal(set) var modificationNumber: UInt32
    public internal(set) var terms: EventTerms
    /// When it was cancelled; a cancelled event stays so.
    public internal(set) var cancelledAt: Instant?
    public let createdAt: Instant
    /// When it was published or changed last.
    public internal(set) var changedAt: Instant
    /// Why it was changed last, for the VENs' people.
    public internal(set) var changeReason: String?

    /// For stores, which read what they wrote; publish an event with `TopNode.issue`.
    public init(
        eventID: EventID, modificationNumber: UInt32 = 0, terms: EventTerms, cancelledAt: Instant? = nil,
        createdAt: Instant, changedAt: Instant, changeReason: String? = nil
    ) {
        self.eventID = eventID
        self.modificationNumber = modificationNumber
        self.terms = terms
        self.cancelledAt = cancelledAt
        self.createdAt = createdAt
        self.changedAt = changedAt
        self.changeReason = changeReason
    }

    /// Where the event is in its life at `now` (clause 8.1, rule 13).
    ///
    /// ```
    ///        start - rampUp      start                end
    /// far ─────────┼──── near ─────┼───── active ──────┼──── completed
    /// ```
    public func status(at now: Instant) -> EventStatus {
        if cancelledAt != nil { return .cancelled }
        if let end = terms.end, now >= end { return .completed }
        if now >= terms.start { return .active }
        return terms.rampUp > .zero && now >= terms.start - terms.rampUp ? .near : .far
    }

    /// From here on the event is in no message any more; nil while it is open-ended. Stores index it: it decides what
    /// `TopNodeTransaction.participations(of:endingAfter:)` returns.
    public var mentionedUntil: Instant? {
        if let cancelledAt, terms.isOpenEnded { return cancelledAt + Self.cancellationMemory }
        return terms.mentionedUntil
    }

    /// How long an open-ended event is repeated as cancelled to those who do not confirm it (rule 52).
    static let cancellationMemory = TimeSpan.days(1)
}
