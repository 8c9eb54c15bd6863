import Measures
import OpenADR

/// What a VEN must not forget when it is switched off: who it is to its VTN, the events with what was made of them, the
/// reports with what the VTN has of them, and what people at the site decided.
public struct EndNodeMemory: Hashable, Sendable {
    public internal(set) var registration: EndNodeRegistration?
    /// What the VTN was told of this VEN.
    var announced: String?
    var events: [EventID: KnownEvent]
    var reports: [ReportRequestID: RememberedReport]
    var opts: [OptID: LocalOpt]

    /// Nothing yet.
    public init() { self.init(registration: nil, announced: nil, events: [:], reports: [:], opts: [:]) }

    init(
        registration: EndNodeRegistration?, announced: String?, events: [EventID: KnownEvent],
        reports: [ReportRequestID: RememberedReport], opts: [OptID: LocalOpt]
    ) {
        self.registration = registration
        self.announced = announced
        self.events = events
        self.reports = reports
        self.opts = opts
    }

    /// Takes the reports of another memory: for a program that knows nothing of the VEN's meters.
    public mutating func takeReports(of other: EndNodeMemory) { reports = other.reports }

    /// The events as they are executed.
    public var timeline: Timeline { EventLedger(known: events).timeline(under: OptBook(entries: opts)) }
}

/// A report that runs, and how far the VTN has it.
struct RememberedReport: Hashable {
    let request: ReportRequest
    let step: TimeSpan
    let reportedUntil: Instant
    /// Nil for one report only.
    let period: TimeSpan?
    let firstDue: Instant
    let end: Instant?
    let isLast: Bool
    let gaps: [Instant: Set<RID>]
}

/// One step from a memory to the next; `old.changes(to: new)`, applied to `old`, give `new`.
enum MemoryChange: Hashable {
    case registration(EndNodeRegistration?)
    case announced(String?)
    case event(KnownEvent)
    case noEvent(EventID)
    case report(RememberedReport)
    case noReport(ReportRequestID)
    case opt(LocalOpt)
    case noOpt(OptID)
}

extension EndNodeMemory {
    func changes(to new: EndNodeMemory) -> [MemoryChange] {
        var changes: [MemoryChange] = []
        if new.registration != registration { changes.append(.registration(new.registration)) }
        if new.announced != announced { changes.append(.announced(new.announced)) }
        changes += Self.changes(from: events, to: new.events, MemoryChange.event, MemoryChange.noEvent)
        changes += Self.changes(from: reports, to: new.reports, MemoryChange.report, MemoryChange.noReport)
        changes += Self.changes(from: opts, to: new.opts, MemoryChange.opt, MemoryChange.noOpt)
        return changes
    }

    private static func changes<Key: Comparable, Value: Equatable>(
        from old: [Key: Value], to new: [Key: Value], _ put: (Value) -> MemoryChange, _ drop: (Key) -> MemoryChange
    ) -> [MemoryChange] {
        new.sorted { $0.key < $1.key }.filter { old[$0.key] != $0.value }.map { put($0.value) }
            + old.keys.filter { new[$0] == nil }.sorted().map(drop)
    }

    mutating func apply(_ change: MemoryChange) {
        switch change {
        case .registration(let registration): self.registration = registration
        case .announced(let announced): self.announced = announced
        case .event(let event): events[event.event.id] = event
        case .noEvent(let id): events[id] = nil
        case .report(let report): reports[report.request.requestID] = report
        case .noReport(let id): reports[id] = nil
        case .opt(let opt): opts[opt.optID] = opt
        case .noOpt(let id): opts[id] = nil
        }
    }
}
