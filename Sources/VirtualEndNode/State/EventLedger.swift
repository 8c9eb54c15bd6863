import Measures
import OpenADR

/// A VEN's book of events: what each distribution changes in it, and what has to be answered.
struct EventLedger {
    private(set) var known: [EventID: KnownEvent]

    /// - Parameter known: what an earlier life of the VEN knew.
    init(known: [EventID: KnownEvent] = [:]) { self.known = known }

    /// A message between its arrival and the last decision on it.
    struct Review {
        let message: DistributeEvent
        /// In the message's order; nil where there is nothing to answer.
        fileprivate(set) var answers: [EventResponse?]
        /// Indices of the events that wait for a decision, with what they ask for.
        fileprivate var undecided: [Int: SupportedSignal]

        /// New or changed events that somebody has to say yes or no to.
        var open: [Event] { undecided.keys.sorted().map { message.events[$0] } }
    }

    /// Takes everything that needs no decision. `isComplete` is false for a list that a reply limit may have cut: it
    /// cancels nothing by what it leaves out (rule 61).
    mutating func review(
        _ message: DistributeEvent, isComplete: Bool, for party: EventParty, now: Instant, random: () -> Double
    ) -> Review {
        known = known.filter { !$0.value.isForgettable(at: now) }
        var review = Review(
            message: message, answers: Array(repeating: nil, count: message.events.count), undecided: [:])
        for (index, event) in message.events.enumerated() {
            switch judge(event, for: party, now: now) {
            case .settled(let opt, let fault):
                if event.descriptor.status == .cancelled, fault == nil {
                    known[event.id]?.cancel(
                        number: event.descriptor.modificationNumber, now: now, random: random())
                }
                known[event.id]?.requestID = message.requestID
                review.answers[index] = answer(event, opt, fault, message.requestID)
            case .open(let signal):
                review.undecided[index] = signal
            }
        }
        // What cannot be used is answered by itself and changes nothing (rule 19).
        for faulty in message.faultyEvents where faulty.responseRequired == .always {
            review.answers.append(
                EventResponse(
                    code: faulty.code, description: faulty.reason, requestID: message.requestID, event: faulty.event,
                    optType: known[faulty.event.eventID]?.opt ?? .optOut))
        }
        if isComplete {
            let mentioned = Set(message.events.map(\.id) + message.faultyEvents.map(\.event.eventID))
            for id in known.keys.sorted() where !mentioned.contains(id) && known[id]?.isOver(at: now) == false {
                known[id]?.cancel(now: now, random: random())
            }
        }
        return review
    }

    /// Enters the decisions and gives the answers, in the message's order. Without a decision an event is opted out.
    mutating func settle(
        _ review: Review, with decisions: [EventID: OptType], now: Instant, random: () -> Double
    ) -> [EventResponse] {
        var answers = review.answers
        for (index, signal) in review.undecided.sorted(by: { $0.key < $1.key }) {
            let event = review.message.events[index]
            let opt = decisions[event.id] ?? .optOut
            let requestID = review.message.requestID
            if known[event.id] == nil {
                known[event.id] = KnownEvent(
                    event, signal: signal, opt: opt, requestID: requestID, now: now, random: random())
            } else {
                known[event.id]?.replace(
                    with: event, signal: signal, opt: opt, requestID: requestID, now: now, random: random())
            }
            answers[index] = answer(event, opt, nil, requestID)
        }
        return answers.compactMap(\.self)
    }

    /// Somebody at the site says otherwise than before.
    mutating func change(_ id: EventID, to opt: OptType, now: Instant) { known[id]?.change(to: opt, now: now) }

    /// Ends everything, each event as its own cancellation would.
    mutating func cancelAll(now: Instant, random: () -> Double) {
        for id in known.keys.sorted() { known[id]?.cancel(now: now, random: random()) }
    }

    /// - Parameter opts: what people said about single resources.
    func timeline(under opts: OptBook) -> Timeline {
        Timeline(layers: known.values.map { $0.layer.without(opts.excluded(from: $0.event.id)) })
    }

    private enum Verdict {
        case settled(OptType, EventFault?)
        case open(SupportedSignal)
    }

    /// Rules 21, 48 and 56 to 61, in the order in which they are decided.
    private func judge(_ event: Event, for party: EventParty, now: Instant) -> Verdict {
        do throws(EventFault) {
            let old = known[event.id]
            if let old {
                let number = old.event.descriptor.modificationNumber
                if event.descriptor.modificationNumber < number {
                    throw EventFault(.outOfSequence, "a newer version is known")
                }
                if event.descriptor.modificationNumber == number, event.descriptor.status != .cancelled,
                    !old.isCancelled
                {
                    return .settled(old.opt, nil)
                }
            }
            // Confirms the end, known or not (rules 36 and 60).
            if event.descriptor.status == .cancelled { return .settled(.optIn, nil) }
            try party.check(event)
            if let old, old.isRewritten(by: event, now: now) {
                throw EventFault(.notAllowed, "the change concerns the past")
            }
            let signal = try SupportedSignal(of: event)
            // Heard of too late to do anything.
            if old == nil, event.activePeriod.end.map({ $0 <= now }) == true { return .settled(.optOut, nil) }
            return .open(signal)
        } catch {
            return .settled(.optOut, error)
        }
    }

    /// Nothing when no answer is wanted (rule 12).
    private func answer(
        _ event: Event, _ opt: OptType, _ fault: EventFault?, _ requestID: RequestID
    ) -> EventResponse? {
        guard event.responseRequired == .always else { return nil }
        return EventResponse(
            code: fault?.code ?? .success, description: fault?.explanation, requestID: requestID,
            event: event.qualifiedID, optType: opt)
    }
}

extension KnownEvent {
    /// A day after its end nothing asks for it any more.
    fileprivate func isForgettable(at now: Instant) -> Bool { end.map { $0 + .days(1) <= now } ?? false }
}

/// Whose events a VEN takes.
struct EventParty {
    let venID: VENID
    let resources: [ResourceID]
    let marketContexts: Set<MarketContext>?

    /// Throws 462 for a programme or a target that is not ours (rules 21, 22 and 48), 469 for a resource (rule 112).
    func check(_ event: Event) throws(EventFault) {
        if let marketContexts, !marketContexts.contains(where: { $0.isSame(as: event.descriptor.marketContext) }) {
            throw EventFault(.targetMismatch, "the market context is not this VEN's")
        }
        let target = event.target
        guard target.venIDs.allSatisfy({ $0 == venID }) else {
            throw EventFault(.targetMismatch, "the event names another VEN")
        }
        guard target.resourceIDs.allSatisfy(resources.contains) else {
            throw EventFault(.deploymentError, "the event names a resource that is not here")
        }
        // Or-ed with something we know, the unknown kinds of target do not matter (rule 22).
        guard target.isEmpty || !target.venIDs.isEmpty || !target.resourceIDs.isEmpty else {
            throw EventFault(.targetMismatch, "none of the event's targets can be resolved")
        }
    }
}

extension MarketContext {
    /// Scheme and host are compared without case (rule 512).
    fileprivate func isSame(as other: MarketContext) -> Bool { normalized == other.normalized }

    private var normalized: String {
        let parts = rawValue.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0].hasSuffix(":"), parts[1].isEmpty else { return rawValue }
        let path = parts.count > 3 ? parts[3] : ""
        return "\(parts[0].lowercased())//\(parts[2].lowercased())/\(path)"
    }
}
