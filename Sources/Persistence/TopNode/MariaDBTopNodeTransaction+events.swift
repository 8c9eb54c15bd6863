import MariaDB
import Measures
import OpenADR
import VirtualTopNode

extension MariaDBTopNodeTransaction {
    func event(_ id: EventID) async throws -> EventRecord? {
        try await connection.query(
            """
            SELECT event_id, modification_number, market_context, start_time, steps, start_after_seconds,
                notification_seconds, ramp_up_seconds, recovery_seconds, priority, response_required, is_test,
                vtn_comment, cancelled_at, created_at, changed_at, change_reason
            FROM events WHERE event_id = ? FOR UPDATE
            """, [.text(id.rawValue)]
        ).first.map(Self.event)
    }

    /// So that thousands of VENs can answer one event at the same time.
    func eventAsItIs(_ id: EventID) async throws -> EventRecord? {
        try await connection.query(
            """
            SELECT event_id, modification_number, market_context, start_time, steps, start_after_seconds,
                notification_seconds, ramp_up_seconds, recovery_seconds, priority, response_required, is_test,
                vtn_comment, cancelled_at, created_at, changed_at, change_reason
            FROM events WHERE event_id = ? LOCK IN SHARE MODE
            """, [.text(id.rawValue)]
        ).first.map(Self.event)
    }

    func save(_ event: EventRecord) async throws {
        let terms = event.terms
        try await connection.execute(
            """
            INSERT INTO events (event_id, modification_number, market_context, start_time, steps, start_after_seconds,
                notification_seconds, ramp_up_seconds, recovery_seconds, priority, response_required, is_test,
                vtn_comment, cancelled_at, created_at, changed_at, mentioned_until, change_reason)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE modification_number = VALUES(modification_number),
                market_context = VALUES(market_context), start_time = VALUES(start_time), steps = VALUES(steps),
                start_after_seconds = VALUES(start_after_seconds), notification_seconds = VALUES(notification_seconds),
                ramp_up_seconds = VALUES(ramp_up_seconds), recovery_seconds = VALUES(recovery_seconds),
                priority = VALUES(priority), response_required = VALUES(response_required), is_test = VALUES(is_test),
                vtn_comment = VALUES(vtn_comment), cancelled_at = VALUES(cancelled_at),
                created_at = VALUES(created_at), changed_at = VALUES(changed_at),
                mentioned_until = VALUES(mentioned_until), change_reason = VALUES(change_reason)
            """,
            [
                .text(event.eventID.rawValue), .count(event.modificationNumber), .text(terms.marketContext.rawValue),
                .instant(terms.start), try JSONColumn.value(terms.steps.map(\.seconds)), .span(terms.startAfter),
                .span(terms.notification), .span(terms.rampUp), .span(terms.recovery), .count(terms.priority),
                .text(terms.responseRequired.rawValue), .boolean(terms.isTest), .optional(terms.comment) { .text($0) },
                .optional(event.cancelledAt) { .instant($0) }, .instant(event.createdAt), .instant(event.changedAt),
                .optional(event.mentionedUntil) { .instant($0) }, .optional(event.changeReason) { .text($0) },
            ])
    }

    static func event(_ row: MariaDBRow) throws -> EventRecord {
        let steps = try row.json("steps", as: [Int64].self).map { TimeSpan(seconds: $0) }
        let terms = EventTerms(
            marketContext: MarketContext(try row.text("market_context")), start: try row.instant("start_time"),
            steps: steps, startAfter: try row.span("start_after_seconds"),
            notification: try row.span("notification_seconds"), rampUp: try row.span("ramp_up_seconds"),
            recovery: try row.span("recovery_seconds"), priority: try row.uint32("priority"),
            responseRequired: try row.word("response_required"), isTest: try row.boolean("is_test"),
            comment: try row.optionalText("vtn_comment"))
        guard let terms else { throw StoredDataError(column: "steps") }
        return EventRecord(
            eventID: EventID(try row.text("event_id")), modificationNumber: try row.uint32("modification_number"),
            terms: terms, cancelledAt: try row.optionalInstant("cancelled_at"),
            createdAt: try row.instant("created_at"), changedAt: try row.instant("changed_at"),
            changeReason: try row.optionalText("change_reason"))
    }
}
