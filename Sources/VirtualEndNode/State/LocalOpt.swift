public import Measures
public import OpenADR

/// What people at the site decided by themselves, and have told the VTN or still have to.
public struct LocalOpt: Hashable, Codable, Sendable {
    public enum Scope: Hashable, Codable, Sendable {
        case event(EventID)
        /// When the site is (not) available; a window of length zero is open-ended (rule 210).
        case schedule([TimeWindow], marketContext: MarketContext?)
    }

    public enum State: String, Hashable, Codable, Sendable {
        /// The VTN has not heard of it.
        case unsent
        /// The VTN has taken it, or needs not be told.
        case known
        /// The VTN has to be told that it does not hold any more.
        case withdrawing
        /// The VTN did not want it; it counts at the site all the same.
        case refused
    }

    public let optID: OptID
    public let type: OptType
    public let reason: OptReason
    public let scope: Scope
    /// Only these; nil is the VEN as a whole.
    public var resources: [ResourceID]?
    public let createdAt: Instant
    public internal(set) var state: State
}

/// The decisions of the site, by their ids.
struct OptBook {
    private(set) var entries: [OptID: LocalOpt]

    init(entries: [OptID: LocalOpt] = [:]) { self.entries = entries }

    /// What has to be sent next: the oldest first.
    var next: LocalOpt? {
        entries.values.filter { $0.state == .unsent || $0.state == .withdrawing }
            .min { ($0.createdAt, $0.optID) < ($1.createdAt, $1.optID) }
    }

    mutating func add(_ opt: LocalOpt) {
        // The latest word about an event is the only one.
        if case .event = opt.scope {
            entries = entries.filter { $0.value.scope != opt.scope || $0.value.resources != opt.resources }
        }
        entries[opt.optID] = opt
    }

    mutating func set(_ id: OptID, _ state: LocalOpt.State) { entries[id]?.state = state }

    mutating func remove(_ id: OptID) { entries[id] = nil }

    /// A new registration knows of no schedule (rule 406).
    mutating func registrationIsNew() {
        for (id, opt) in entries {
            guard case .schedule = opt.scope else { continue }
            if opt.state == .withdrawing { entries[id] = nil } else { entries[id]?.state = .unsent }
        }
    }

    /// Lets go of what is over: schedules in the past, and events that are forgotten.
    mutating func tidy(now: Instant, isKnown: (EventID) -> Bool) {
        entries = entries.filter { _, opt in
            switch opt.scope {
            case .event(let id): isKnown(id)
            case .schedule(let windows, _):
                opt.state == .withdrawing || windows.contains { $0.duration == .zero || now < $0.end }
            }
        }
    }

    /// What the site said about an event: about itself, or about its time. Nil when it said nothing.
    func choice(for event: Event) -> OptType? {
        if let own = entries.values.first(where: { $0.scope == .event(event.id) && $0.resources == nil }) {
            return own.type
        }
        let matching = entries.values.filter { $0.state != .withdrawing && $0.covers(event) }
        return matching.contains { $0.type == .optOut } ? .optOut : nil
    }
}

extension OptBook {
    /// The resources that people keep out of an event.
    func excluded(from event: EventID) -> Set<ResourceID> {
        let words = entries.values.filter { $0.scope == .event(event) && $0.resources != nil }
            .sorted { ($0.createdAt, $0.optID) < ($1.createdAt, $1.optID) }
        return words.reduce(into: []) { excluded, opt in
            if opt.type == .optOut {
                excluded.formUnion(opt.resources ?? [])
            } else {
                excluded.subtract(opt.resources ?? [])
            }
        }
    }
}

extension LocalOpt {
    fileprivate func covers(_ event: Event) -> Bool {
        guard case .schedule(let windows, let context) = scope else { return false }
        if let context, context != event.descriptor.marketContext { return false }
        let start = event.activePeriod.start
        let end = event.activePeriod.end
        return windows.contains { window in
            (window.duration == .zero || start < window.end) && (end.map { window.start < $0 } ?? true)
        }
    }
}

/// What people at the site can tell a VEN to do.
public enum EndNodeCommand: Hashable, Codable, Sendable {
    /// Take part in an event, or not, whatever was said before.
    case opt(EventID, OptType, OptReason)
    /// The same with some of the loads only.
    case optResources(EventID, [ResourceID], OptType, OptReason)
    /// Times at which the site is (not) available; for one programme or for all.
    case schedule(OptType, [TimeWindow], OptReason, MarketContext?)
    /// A schedule does not hold any more.
    case withdraw(OptID)
}

/// Why a command of people at the site makes no sense.
public enum EndNodeRefusal: Error, Hashable, Sendable {
    case unknownEvent(EventID)
    case unknownResource(ResourceID)
    case eventIsOver(EventID)
    case unknownOpt(OptID)
    case emptySchedule
}

extension EndNodeRefusal: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownEvent(let id): "no event \(id) is known here"
        case .unknownResource(let id): "the event does not ask anything of a resource \(id) here"
        case .eventIsOver(let id): "the event \(id) is over"
        case .unknownOpt(let id): "no schedule \(id) is known here"
        case .emptySchedule: "a schedule needs a window that is not over"
        }
    }
}
