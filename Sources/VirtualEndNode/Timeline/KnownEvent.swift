import Measures
import OpenADR

/// An event that a VEN keeps, with what it makes of it.
struct KnownEvent: Hashable {
    private(set) var event: Event
    /// Added to start and end (rule 30).
    private(set) var offset: TimeSpan
    private(set) var opt: OptType
    /// The requestID that came with it; goes into every answer about it (rule 42).
    var requestID: RequestID
    /// What is executed; empty when opted out.
    private(set) var slots: [Timeline.Slot] = []
    /// Cancelled by the VTN, or missing from a complete list.
    private(set) var isCancelled = false

    /// As an earlier life of the VEN left it.
    init(
        remembered event: Event, offset: TimeSpan, opt: OptType, requestID: RequestID, slots: [Timeline.Slot],
        isCancelled: Bool
    ) {
        self.event = event
        self.offset = offset
        self.opt = opt
        self.requestID = requestID
        self.slots = slots
        self.isCancelled = isCancelled
    }

    init(_ event: Event, signal: SupportedSignal, opt: OptType, requestID: RequestID, now: Instant, random: Double) {
        self.event = event
        self.opt = opt
        self.requestID = requestID
        offset = Self.offset(within: event.activePeriod.startAfter, random: random)
        slots = opt == .optIn ? planned(signal, from: now) : []
    }

    /// Takes a new version. It holds from now on, in the middle of a step too; what had passed stays.
    mutating func replace(
        with new: Event, signal: SupportedSignal, opt: OptType, requestID: RequestID, now: Instant, random: Double
    ) {
        if new.activePeriod.startAfter != event.activePeriod.startAfter {
            offset = Self.offset(within: new.activePeriod.startAfter, random: random)
        }
        event = new
        self.opt = opt
        self.requestID = requestID
        isCancelled = false
        guard opt == .optIn else {
            end(at: now)
            return
        }
        let begun = slots.compactMap { $0.cut(at: now) }
        slots = Self.joined(begun, planned(signal, from: now))
    }

    /// A step that goes on as it was stays one: nobody is told of it twice.
    private static func joined(_ begun: [Timeline.Slot], _ coming: [Timeline.Slot]) -> [Timeline.Slot] {
        guard let last = begun.last, let first = coming.first, last.end == first.start, last.dispatch == first.dispatch
        else { return begun + coming }
        let whole = Timeline.Slot(
            start: last.start, end: first.end, dispatch: first.dispatch, eventID: first.eventID)
        return begun.dropLast() + [whole] + coming.dropFirst()
    }

    /// Somebody at the site changed their mind: out ends it now, in joins what is left of it.
    mutating func change(to opt: OptType, now: Instant) {
        guard opt != self.opt, !isCancelled else { return }
        self.opt = opt
        guard opt == .optIn, let signal = try? SupportedSignal(of: event) else { return end(at: now) }
        slots = slots.compactMap { $0.cut(at: now) } + planned(signal, from: now)
    }

    /// Stops, at a random moment within the tolerance when it has one and is being executed (rule 65).
    /// `number` is the version that says so; nil when the event is just not mentioned any more.
    mutating func cancel(number: UInt32? = nil, now: Instant, random: Double) {
        if let number { event.descriptor.modificationNumber = number }
        guard !isCancelled else { return }
        isCancelled = true
        let isRunning = slots.contains { $0.contains(now) }
        end(at: isRunning ? now + Self.offset(within: event.activePeriod.startAfter, random: random) : now)
    }

    /// When there is nothing left to execute; nil while open-ended.
    var end: Instant? {
        if isCancelled { return slots.last?.end ?? event.activePeriod.start }
        return event.activePeriod.end.map { $0 + offset }
    }

    func isOver(at now: Instant) -> Bool { end.map { $0 <= now } ?? false }

    var layer: Timeline.Layer {
        Timeline.Layer(
            eventID: event.id, priority: event.descriptor.priority ?? 0, resources: event.target.resourceIDs,
            slots: slots)
    }

    /// Whether a new version would change what has happened (451): the start, or a step that has passed.
    func isRewritten(by new: Event, now: Instant) -> Bool {
        guard now >= event.activePeriod.start else { return false }
        if new.activePeriod.start != event.activePeriod.start { return true }
        return event.signals.contains { signal in
            guard let other = new.signals.first(where: { $0.signalID == signal.signalID }) else { return false }
            var stepEnd = event.activePeriod.start
            for (index, interval) in signal.intervals.enumerated() {
                stepEnd = stepEnd + interval.duration
                guard interval.duration > .zero, stepEnd <= now else { return false }
                if other.intervals.count <= index || other.intervals[index] != interval { return true }
            }
            return false
        }
    }

    private mutating func end(at moment: Instant) {
        slots = slots.compactMap { $0.cut(at: moment) }
    }

    /// What is left of the steps: one that has begun is joined in its course, as the VTN counts on whoever opts in.
    private func planned(_ signal: SupportedSignal, from now: Instant) -> [Timeline.Slot] {
        var begin = event.activePeriod.start + offset
        return signal.steps.compactMap { step in
            guard step.duration > .zero else {
                return Timeline.Slot(start: max(begin, now), end: nil, dispatch: step.dispatch, eventID: event.id)
            }
            let slot = Timeline.Slot(
                start: begin, end: begin + step.duration, dispatch: step.dispatch, eventID: event.id)
            begin = begin + step.duration
            return slot.left(from: now)
        }
    }

    private static func offset(within tolerance: TimeSpan, random: Double) -> TimeSpan {
        .seconds(Int64(random * Double(tolerance.seconds + 1)))
    }
}

extension Timeline.Slot {
    /// What is left of it after a moment.
    fileprivate func left(from moment: Instant) -> Timeline.Slot? {
        guard end.map({ moment < $0 }) ?? true else { return nil }
        return Timeline.Slot(start: max(start, moment), end: end, dispatch: dispatch, eventID: eventID)
    }

    /// What is left of it before a moment; all of it without one.
    fileprivate func cut(at moment: Instant?) -> Timeline.Slot? {
        guard let moment else { return self }
        guard start < moment else { return nil }
        return Timeline.Slot(start: start, end: min(end ?? moment, moment), dispatch: dispatch, eventID: eventID)
    }
}
