public import Measures
public import OpenADR

/// What each resource must do now and next: the events a VEN takes part in, laid over each other.
///
/// Where events overlap, the one with the better priority counts (1 is best, 0 last), then the one that begins earlier:
///
/// ```
/// event B (priority 2)        ├─────── level 2 ───────┤
/// event A (priority 1)               ├── -5 kW ──┤
///                      ──────────────────────────────────────▶ time
/// slots                       ├ lev. 2 ┤ -5 kW  ├ lev. 2 ┤
/// ```
///
/// Starts and ends are those that the VEN executes: moved by its random offset (rule 30), cut off by a cancellation
/// (rule 65), and from the moment at which it heard of them.
public struct Timeline: Hashable, Codable, Sendable {
    /// A span with one instruction.
    public struct Slot: Hashable, Codable, Sendable {
        public let start: Instant
        /// Nil while the event is open-ended.
        public let end: Instant?
        public let dispatch: Dispatch
        public let eventID: EventID

        public init(start: Instant, end: Instant?, dispatch: Dispatch, eventID: EventID) {
            self.start = start
            self.end = end
            self.dispatch = dispatch
            self.eventID = eventID
        }

        public func contains(_ instant: Instant) -> Bool { start <= instant && (end.map { instant < $0 } ?? true) }
    }

    /// The steps of one event.
    public struct Layer: Hashable, Codable, Sendable {
        public let eventID: EventID
        /// 1 is best, 0 last.
        public let priority: UInt32
        /// None means everything behind the VEN.
        public let resources: [ResourceID]
        /// Those of them that people at the site keep out of it.
        public let excluded: [ResourceID]
        /// In order, without overlap.
        public let slots: [Slot]

        public init(
            eventID: EventID, priority: UInt32, resources: [ResourceID], excluded: [ResourceID] = [], slots: [Slot]
        ) {
            self.eventID = eventID
            self.priority = priority
            self.resources = resources
            self.excluded = excluded
            self.slots = slots
        }

        fileprivate func concerns(_ resource: ResourceID?) -> Bool {
            guard let resource else { return resources.isEmpty || !resources.allSatisfy(excluded.contains) }
            return !excluded.contains(resource) && (resources.isEmpty || resources.contains(resource))
        }

        func without(_ excluded: Set<ResourceID>) -> Layer {
            Layer(
                eventID: eventID, priority: priority, resources: resources, excluded: excluded.sorted(), slots: slots)
        }
    }

    /// Best first.
    public let layers: [Layer]

    public init(layers: [Layer] = []) {
        self.layers = layers.filter { !$0.slots.isEmpty }.sorted { left, right in
            let ranks = [left, right].map { $0.priority == 0 ? UInt32.max : $0.priority }
            return (ranks[0], left.slots[0].start, left.eventID) < (ranks[1], right.slots[0].start, right.eventID)
        }
    }

    /// What the resource has to do at a moment; nil for its normal operation. A nil resource is the VEN as a whole.
    public func slot(of resource: ResourceID? = nil, at instant: Instant) -> Slot? {
        for layer in layers(of: resource) {
            if let slot = layer.slots.first(where: { $0.contains(instant) }) { return slot }
        }
        return nil
    }

    /// The slots of a resource that touch the window, cut to it, in order and without overlap.
    public func slots(of resource: ResourceID? = nil, in window: TimeWindow) -> [Slot] {
        let layers = layers(of: resource)
        var cuts: Set<Instant> = [window.start, window.end]
        for slot in layers.flatMap(\.slots) {
            if window.contains(slot.start) { cuts.insert(slot.start) }
            if let end = slot.end, window.contains(end) { cuts.insert(end) }
        }
        let edges = cuts.sorted()
        return zip(edges, edges.dropFirst()).reduce(into: []) { result, span in
            guard let slot = self.slot(of: resource, at: span.0) else { return }
            if let last = result.last, last.end == span.0, last.eventID == slot.eventID,
                last.dispatch == slot.dispatch
            {
                result[result.count - 1] = Slot(
                    start: last.start, end: span.1, dispatch: slot.dispatch, eventID: slot.eventID)
            } else {
                result.append(Slot(start: span.0, end: span.1, dispatch: slot.dispatch, eventID: slot.eventID))
            }
        }
    }

    /// The next moment at which something begins or ends; nil when nothing does any more.
    public func nextChange(after instant: Instant) -> Instant? {
        layers.flatMap(\.slots).flatMap { [$0.start, $0.end] }.compactMap { $0 }.filter { $0 > instant }.min()
    }

    private func layers(of resource: ResourceID?) -> [Layer] {
        layers.filter { $0.concerns(resource) }
    }
}

/// What an event asks of a load.
public enum Dispatch: Hashable, Codable, Sendable {
    /// Keep the load at this power.
    case setpoint(Watts)
    /// Change the load by this much against what it would have been; negative sheds.
    case delta(Watts)
    /// 0 normal, 1 moderate, 2 high, 3 special.
    case level(Int)
    /// Per kWh, in the currency of the event.
    case price(Double)
}
