public import Measures
public import OpenADR

/// What an operator decides about an event, without who takes part: nothing in it is shaped like a message.
public struct EventTerms: Hashable, Sendable {
    /// The programme.
    public var marketContext: MarketContext
    public var start: Instant
    /// The lengths of the intervals in order, the same for all participants.
    public let steps: [TimeSpan]
    /// Each VEN starts at random within this span after the start (rule 30).
    public var startAfter: TimeSpan
    /// How long before the start the VENs are to be told (rule 105).
    public var notification: TimeSpan
    /// Where `far` becomes `near` (rule 13).
    public var rampUp: TimeSpan
    public var recovery: TimeSpan
    /// 1 is the most important; 0 is none and the least (rule 3).
    public var priority: UInt32
    public var responseRequired: ResponseRequired
    public var isTest: Bool
    public var comment: String?

    /// Nil unless every step is longer than zero, or there is one step of zero: open-ended (rule 47).
    public init?(
        marketContext: MarketContext, start: Instant, steps: [TimeSpan], startAfter: TimeSpan = .zero,
        notification: TimeSpan = .zero, rampUp: TimeSpan = .zero, recovery: TimeSpan = .zero, priority: UInt32 = 0,
        responseRequired: ResponseRequired = .always, isTest: Bool = false, comment: String? = nil
    ) {
        guard steps == [.zero] || (!steps.isEmpty && steps.allSatisfy { $0 > .zero }), startAfter >= .zero,
            notification >= .zero
        else { return nil }
        self.marketContext = marketContext
        self.start = start
        self.steps = steps
        self.startAfter = startAfter
        self.notification = notification
        self.rampUp = rampUp
        self.recovery = recovery
        self.priority = priority
        self.responseRequired = responseRequired
        self.isTest = isTest
        self.comment = comment
    }

    /// The sum of the steps (rule 102); zero is open-ended.
    public var duration: TimeSpan { steps.reduce(.zero, +) }
    public var isOpenEnded: Bool { steps == [.zero] }
    /// Nil when open-ended.
    public var end: Instant? { isOpenEnded ? nil : start + duration }

    /// Whether both ask for the same time: each begins before the other and its tolerance have ended; ends are exclusive
    /// (rule 18).
    public func overlaps(_ other: EventTerms) -> Bool {
        func begins(_ one: EventTerms, before other: EventTerms) -> Bool {
            other.mentionedUntil.map { one.start < $0 } ?? true
        }
        return begins(self, before: other) && begins(other, before: self)
    }

    /// How long the event belongs in the messages: until its last participant may have ended (rule 66). Nil when
    /// open-ended.
    public var mentionedUntil: Instant? { end.map { $0 + startAfter } }
}
