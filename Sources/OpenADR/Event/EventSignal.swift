public import Measures

/// `ei:eiEventSignal`: what an event asks for, interval by interval.
public struct EventSignal: Hashable, Sendable {
    /// Unique inside the event (rule 107).
    public var signalID: SignalID
    public var name: SignalName
    public var type: SignalType
    /// Absent for signals without a unit, such as SIMPLE (rule 104).
    public var itemBase: ItemBase?
    /// At least one; their durations add up to the active period (rule 102).
    public var intervals: [SignalInterval]
    /// Only device classes (rule 111); and-ed with the event's target.
    public var target: Target
    /// The value of the interval in force (rules 14 and 29).
    public var currentValue: Double?

    public init(
        signalID: SignalID, name: SignalName, type: SignalType, itemBase: ItemBase? = nil,
        intervals: [SignalInterval], target: Target = .everything, currentValue: Double? = nil
    ) {
        self.signalID = signalID
        self.name = name
        self.type = type
        self.itemBase = itemBase
        self.intervals = intervals
        self.target = target
        self.currentValue = currentValue
    }
}

/// `ei:interval` of a signal or a baseline: no start of its own (rule 103), one value (rule 100).
public struct SignalInterval: Hashable, Sendable {
    /// 0, 1, 2, … (rules 2 and 101).
    public var uid: Int
    public var duration: TimeSpan
    public var value: Double

    public init(uid: Int, duration: TimeSpan, value: Double) {
        self.uid = uid
        self.duration = duration
        self.value = value
    }

    /// Numbers the intervals as the standard wants it.
    public static func numbered(_ steps: [(duration: TimeSpan, value: Double)]) -> [SignalInterval] {
        steps.enumerated().map {
            SignalInterval(uid: $0.offset, duration: $0.element.duration, value: $0.element.value)
        }
    }
}
