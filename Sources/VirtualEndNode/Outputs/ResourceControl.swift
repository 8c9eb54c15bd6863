public import Measures
public import OpenADR

/// Decides what one resource does now: the timeline, bounded by what the resource bears and by the fail-safe.
///
/// ```
/// timeline slot ─▶ VTN gone for T? ─▶ resting? too long? ─▶ bounded value ─▶ instruction
///                  fail-safe          normal
/// ```
public struct ResourceControl: Sendable {
    public let resource: ResourceID?
    public let limits: ComfortLimits
    public let failSafe: FailSafe?
    /// Since when it follows events without a pause.
    private var shedSince: Instant?
    private var restUntil: Instant?

    public init(resource: ResourceID?, limits: ComfortLimits = ComfortLimits(), failSafe: FailSafe? = nil) {
        self.resource = resource
        self.limits = limits
        self.failSafe = failSafe
    }

    /// - Parameters:
    ///   - contact: when the VTN was last heard of, or the VEN started.
    /// - Returns: what to do, and when to ask again at the latest; nil for when the timeline changes.
    public mutating func decide(
        timeline: Timeline, contact: Instant, now: Instant
    ) -> (instruction: Instruction, next: Instant?) {
        var next = timeline.nextChange(after: now)
        func look(at moment: Instant) { if moment > now { next = min(next ?? moment, moment) } }
        if let failSafe {
            let alarm = contact + failSafe.after
            look(at: alarm)
            if alarm <= now, let action = Self.action(failSafe) {
                leave(now)
                return (instruction(action, .failSafe, nil), next)
            }
        }
        guard let slot = timeline.slot(of: resource, at: now), slot.dispatch != .level(0) else {
            leave(now)
            return (instruction(.normal, .noEvent, nil), next)
        }
        if let restUntil {
            look(at: restUntil)
            guard restUntil <= now else { return (instruction(.normal, .limit, slot), next) }
        }
        let since = shedSince ?? now
        shedSince = since
        if let longest = limits.longestShed {
            look(at: since + longest)
            guard now < since + longest else {
                shedSince = nil
                // Without a rest of its own it rests as long as the event lasts.
                restUntil = limits.rest.map { now + $0 } ?? slot.end ?? now + .days(1)
                if let restUntil { look(at: restUntil) }
                return (instruction(.normal, .limit, slot), next)
            }
        }
        let bounded = limits.bounded(slot.dispatch)
        return (instruction(.follow(bounded), bounded == slot.dispatch ? .event : .limit, slot), next)
    }

    /// It does not follow an event any more.
    private mutating func leave(_ now: Instant) {
        guard shedSince != nil else { return }
        shedSince = nil
        restUntil = limits.rest.map { now + $0 }
    }

    private static func action(_ failSafe: FailSafe) -> Instruction.Action? {
        switch failSafe.action {
        case .carryOn: nil
        case .normal: .normal
        case .hold(let dispatch): .follow(dispatch)
        }
    }

    private func instruction(
        _ action: Instruction.Action, _ cause: Instruction.Cause, _ slot: Timeline.Slot?
    ) -> Instruction {
        Instruction(
            resource: resource, action: action, cause: cause, event: slot?.eventID, start: slot?.start, end: slot?.end)
    }
}
