import Measures
import OpenADR

/// What a poll gets: one message, or the plain answer when nothing waits (rule 500).
///
/// ```
/// queued ──poll──▶ sent ──the logical reply──▶ gone
///                   ▲ │
///                   └─┘ a poll after `retryPause` without a reply
/// ```
struct PollQueue {
    let ven: VENRecord
    let configuration: TopNodeConfiguration
    let now: Instant
    let outbox: [OutboxRow]
    let requests: [ReportRequestRecord]

    func next(book: EventBook?, makeID: () -> String) -> Decision {
        var changes: [TopNodeChange] = []
        let due = outbox.filter(isDue)
        // What was never told does not wait for what was told and not answered.
        for row in due.filter({ $0.lastSentAt == nil }) + due.filter({ $0.lastSentAt != nil }) {
            if row.key.kind == .distributeEvent {
                guard let book, book.entries.contains(where: { $0.event.eventID.rawValue == row.key.subject }) else {
                    // Cancelled before it was told, or over.
                    changes.append(.removeRow(row.key))
                    continue
                }
                var decision = book.distribution(
                    answering: .empty, requestID: RequestID(makeID()), outbox: outbox)
                decision.changes = changes + decision.changes
                return decision
            }
            guard row.sendCount < configuration.longestRetry, let message = message(for: row, makeID: makeID) else {
                changes.append(.removeRow(row.key))
                continue
            }
            return Decision(answer: message, changes: changes + [.saveRow(row.sent(at: now))])
        }
        return Decision(answer: Self.idle(ven.venID), changes: changes)
    }

    /// Nothing waits.
    static func idle(_ ven: VENID) -> Payload { .response(Response(response: EiResponse(), venID: ven)) }

    /// Whether an event could be handed out now, so that the events have to be read.
    var needsEvents: Bool { outbox.contains { $0.key.kind == .distributeEvent && isDue($0) } }

    /// A row that waits for its reply is due again after a pause: the answer to the poll that took it may be lost. VENs that
    /// never answer must not be sent the same for ever: each pause is twice as long as the one before.
    private func isDue(_ row: OutboxRow) -> Bool {
        guard let lastSentAt = row.lastSentAt else { return true }
        if row.key.kind == .distributeEvent, row.sendCount >= configuration.unansweredEvents { return false }
        let first = ven.takesPushes ? configuration.pushRetryPause : configuration.retryPause
        let doubled = first * (Int64(1) << min(Int64(row.sendCount) - 1, 20))
        return now >= lastSentAt + max(min(doubled, .hours(1)), first)
    }

    /// Nil when there is nothing left to say.
    private func message(for row: OutboxRow, makeID: () -> String) -> Payload? {
        let subject = row.key.subject
        switch row.key.kind {
        case .cancelPartyRegistration:
            guard case .cancelling(let id) = ven.registration else { return nil }
            return .cancelPartyRegistration(
                CancelPartyRegistration(requestID: RequestID(makeID()), registrationID: id, venID: ven.venID))
        case .requestReregistration:
            return .requestReregistration(RequestReregistration(venID: ven.venID))
        case .registerReport:
            return .registerReport(
                RegisterReport(
                    requestID: RequestID(makeID()), venID: ven.venID,
                    reportRequestID: subject.isEmpty ? nil : ReportRequestID(subject)))
        case .createReport:
            guard let request = requests.first(where: { $0.requestID.rawValue == subject && $0.state == .requested })
            else { return nil }
            return .createReport(
                CreateReport(requestID: RequestID(makeID()), requests: [request.message], venID: ven.venID))
        case .cancelReport:
            guard let request = requests.first(where: { $0.requestID.rawValue == subject && $0.state == .cancelling })
            else { return nil }
            return .cancelReport(
                CancelReport(
                    requestID: RequestID(makeID()), reportRequestIDs: [request.requestID],
                    reportToFollow: request.reportToFollow, venID: ven.venID))
        case .distributeEvent:
            return nil
        }
    }
}
