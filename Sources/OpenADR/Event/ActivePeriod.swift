public import Measures

/// `ei:eiActivePeriod`: when an event is in force, and what surrounds it.
///
/// A duration that the wire leaves out is zero here, and a zero is left out again, but for `notification`, which
/// rule 105 wants in every event.
public struct ActivePeriod: Hashable, Sendable {
    public var start: Instant
    /// Zero is open-ended: until cancelled (rule 47).
    public var duration: TimeSpan
    /// The VEN starts at random between `start` and `start + startAfter` (rule 30).
    public var startAfter: TimeSpan
    /// How long before the start the VEN is to be told.
    public var notification: TimeSpan
    /// Where `far` becomes `near`; negative lies inside the active period (rule 13).
    public var rampUp: TimeSpan
    /// Negative lies inside the active period.
    public var recovery: TimeSpan

    public init(
        start: Instant, duration: TimeSpan, startAfter: TimeSpan = .zero, notification: TimeSpan = .zero,
        rampUp: TimeSpan = .zero, recovery: TimeSpan = .zero
    ) {
        self.start = start
        self.duration = duration
        self.startAfter = startAfter
        self.notification = notification
        self.rampUp = rampUp
        self.recovery = recovery
    }

    public var isOpenEnded: Bool { duration == .zero }
    /// Nil when open-ended.
    public var end: Instant? { isOpenEnded ? nil : start + duration }
}
