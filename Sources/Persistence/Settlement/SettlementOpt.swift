import Measures
import OpenADR
import VirtualTopNode

/// What a VEN said about an event, as settlement takes it: its last word up to the event's end, about the event or by a
/// schedule. Whoever sees first what was measured, and opts then, changes nothing.
struct SettlementOpt {
    let participation: EventParticipation
    /// Of this VEN about this event, in the order in which they were heard.
    let decisions: [OptDecision]
    /// Of this VEN, those in force that touch the event.
    let schedules: [OptSchedule]
    let rules: ProgrammeRules
    let marketContext: MarketContext
    let window: TimeWindow
    let calledAt: Instant

    private struct Word {
        let type: OptType
        let at: Instant
        /// From a `createOpt` about the event, which only another one changes (rule 206).
        let isBinding: Bool
    }

    /// When a resource, or the VEN as a whole, was opted out; nil while it takes part. Whom the programme's rules take as
    /// out without a word was out from the call on.
    func optedOutAt(_ resource: ResourceID?) -> Instant? {
        let (said, scheduled) = (answer(resource), schedule(resource))
        guard let last = later(said, scheduled) else { return rules.unanswered == .optOut ? calledAt : nil }
        return last.type == .optOut ? last.at : nil
    }

    private func later(_ said: Word?, _ scheduled: Word?) -> Word? {
        guard let said, let scheduled else { return said ?? scheduled }
        return said.isBinding || said.at >= scheduled.at ? said : scheduled
    }

    private func answer(_ resource: ResourceID?) -> Word? {
        let opt = participation.opt
        if let resource, let type = opt.resources[resource] {
            let decision = decisions.last { $0.resources.contains(resource) && $0.type == type }
            return Word(type: type, at: decision?.decidedAt ?? opt.decidedAt ?? calledAt, isBinding: true)
        }
        if let type = opt.type, let at = opt.decidedAt, at <= window.end {
            return Word(type: type, at: at, isBinding: opt.source == .createOpt)
        }
        // The event is over: only answers can come then, and the one before it stands.
        return decisions.last {
            $0.source == .createdEvent && $0.decidedAt <= window.end && $0.reason != "cancellation"
        }.map { Word(type: $0.type, at: $0.decidedAt, isBinding: false) }
    }

    private func schedule(_ resource: ResourceID?) -> Word? {
        schedules.filter { $0.receivedAt <= window.end }
            .decisive(in: marketContext, resource: resource, from: window.start, to: window.end)
            .map { Word(type: $0.type, at: $0.receivedAt, isBinding: false) }
    }
}
