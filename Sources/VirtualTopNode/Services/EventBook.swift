import Measures
import OpenADR

/// EiEvent for one VEN: which events it is told of, in which order, and what its answers do.
struct EventBook {
    let ven: VENRecord
    let configuration: TopNodeConfiguration
    let now: Instant
    private(set) var entries: [EventEntry]

    init(ven: VENRecord, entries: [EventEntry], configuration: TopNodeConfiguration, now: Instant) {
        self.ven = ven
        self.configuration = configuration
        self.now = now
        self.entries = entries.filter { Self.isMentioned($0, configuration, now) }
            .sorted { Self.order($0, now) < Self.order($1, now) }
    }

    /// Whether a message with events carries this one (rules 36, 50, 52 and 66).
    private static func isMentioned(
        _ entry: EventEntry, _ configuration: TopNodeConfiguration, _ now: Instant
    ) -> Bool {
        let delivery = entry.participation.delivery
        switch entry.status(at: now) {
        case .far, .near, .active, .none: return true
        case .completed: return entry.event.mentionedUntil.map { now < $0 } ?? true
        case .cancelled:
            guard delivery.sentModification != nil, entry.event.mentionedUntil.map({ now < $0 }) ?? true else {
                return false
            }
            if entry.event.terms.responseRequired == .always { return !entry.isAcknowledged }
            return delivery.sentModification != entry.modificationNumber
                || delivery.sendCount < configuration.unansweredSends
        }
    }

    /// Active before pending; active by priority, 0 last, then by start; pending by start (rule 15).
    private static func order(_ entry: EventEntry, _ now: Instant) -> Place {
        let terms = entry.event.terms
        let isActive = [.active, .completed].contains(entry.plannedStatus(at: now))
        return Place(
            group: isActive ? 0 : 1,
            priority: !isActive ? 0 : terms.priority == 0 ? .max : terms.priority, start: terms.start,
            createdAt: entry.event.createdAt, eventID: entry.event.eventID)
    }

    private struct Place: Comparable {
        let group: Int
        let priority: UInt32
        let start: Instant
        let createdAt: Instant
        let eventID: EventID

        static func < (left: Place, right: Place) -> Bool {
            (left.group, left.priority, left.start, left.createdAt, left.eventID)
                < (right.group, right.priority, right.start, right.createdAt, right.eventID)
        }
    }

    /// The complete list of live events, cut only by a reply limit (rules 27 and 50).
    func distribution(
        answering request: RequestID, requestID: RequestID, replyLimit: UInt32? = nil, outbox: [OutboxRow]
    ) -> Decision {
        let sent = entries.prefix(replyLimit.map(Int.init) ?? entries.count)
        // One createdDateTime for all, renewed by any change among them (rule 115).
        let created = sent.map(\.event.changedAt).max() ?? now
        let message = DistributeEvent(
            response: EiResponse(requestID: request), requestID: requestID, vtnID: configuration.vtnID,
            events: sent.map { $0.message(at: now, createdDateTime: created, grid: configuration.grid) })
        return Decision(
            answer: .distributeEvent(message),
            changes: sent.compactMap(noteSent) + rowChanges(outbox, sent: Set(sent.map(\.event.eventID))))
    }

    /// Counts what a VEN has not answered; what it knows is repeated without a write.
    private func noteSent(_ entry: EventEntry) -> TopNodeChange? {
        var participation = entry.participation
        if participation.delivery.sentModification != entry.modificationNumber {
            participation.delivery.sentModification = entry.modificationNumber
            participation.delivery.sendCount = 1
        } else {
            let wanted = entry.event.terms.responseRequired == .always ? Int.max : configuration.unansweredSends
            guard !entry.isAcknowledged, participation.delivery.sendCount < wanted else { return nil }
            participation.delivery.sendCount += 1
        }
        return .saveParticipation(participation)
    }

    private func rowChanges(_ outbox: [OutboxRow], sent: Set<EventID>) -> [TopNodeChange] {
        outbox.filter { $0.key.kind == .distributeEvent }.compactMap { row in
            guard let entry = entries.first(where: { $0.event.eventID.rawValue == row.key.subject }),
                !entry.isAcknowledged
            else { return .removeRow(row.key) }
            guard sent.contains(entry.event.eventID) else { return nil }
            if entry.event.terms.responseRequired == .never, row.sendCount + 1 >= configuration.unansweredSends {
                return .removeRow(row.key)
            }
            return .saveRow(row.sent(at: now))
        }
    }
}

extension OutboxRow {
    func sent(at now: Instant) -> OutboxRow {
        var row = self
        row.sendCount += 1
        row.lastSentAt = now
        return row
    }
}
