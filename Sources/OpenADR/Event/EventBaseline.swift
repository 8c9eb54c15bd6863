public import Measures

/// `ei:eiEventBaseline`: the load to expect without the event.
public struct EventBaseline: Hashable, Sendable {
    public var baselineID: BaselineID
    public var name: String
    public var start: Instant
    /// The sum of the intervals' durations (rule 102).
    public var duration: TimeSpan
    public var intervals: [SignalInterval]
    /// The baseline is the aggregate of these (rule 108).
    public var resourceIDs: [ResourceID]
    public var itemBase: ItemBase?

    public init(
        baselineID: BaselineID, name: String, start: Instant, duration: TimeSpan, intervals: [SignalInterval],
        resourceIDs: [ResourceID] = [], itemBase: ItemBase? = nil
    ) {
        self.baselineID = baselineID
        self.name = name
        self.start = start
        self.duration = duration
        self.intervals = intervals
        self.resourceIDs = resourceIDs
        self.itemBase = itemBase
    }
}
