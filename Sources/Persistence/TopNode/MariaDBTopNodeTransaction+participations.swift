import MariaDB
import Measures
import OpenADR
import VirtualTopNode

extension MariaDBTopNodeTransaction {
    func participations(in event: EventID) async throws -> [EventParticipation] {
        try await connection.query(
            """
            SELECT ven_id, event_id, signals, resources, withdrawn_modification, sent_modification, send_count,
                acknowledged_modification, opt_type, opt_source, opt_decided_at, opt_error_code, opt_resources, targets,
                baseline, opt_devices
            FROM event_participations WHERE event_id = ? ORDER BY ven_id
            """, [.text(event.rawValue)]
        ).map(Self.participation)
    }

    func participation(of ven: VENID, in event: EventID) async throws -> EventParticipation? {
        try await connection.query(
            """
            SELECT ven_id, event_id, signals, resources, withdrawn_modification, sent_modification, send_count,
                acknowledged_modification, opt_type, opt_source, opt_decided_at, opt_error_code, opt_resources, targets,
                baseline, opt_devices
            FROM event_participations WHERE ven_id = ? AND event_id = ?
            """, [.text(ven.rawValue), .text(event.rawValue)]
        ).first.map(Self.participation)
    }

    func participations(
        of ven: VENID, endingAfter instant: Instant
    ) async throws -> [(event: EventRecord, participation: EventParticipation)] {
        try await connection.query(
            """
            SELECT e.event_id, e.modification_number, e.market_context, e.start_time, e.steps, e.start_after_seconds,
                e.notification_seconds, e.ramp_up_seconds, e.recovery_seconds, e.priority, e.response_required,
                e.is_test, e.vtn_comment, e.cancelled_at, e.created_at, e.changed_at, e.change_reason,
                p.ven_id, p.signals, p.resources, p.withdrawn_modification, p.sent_modification, p.send_count,
                p.acknowledged_modification, p.opt_type, p.opt_source, p.opt_decided_at, p.opt_error_code,
                p.opt_resources, p.targets, p.baseline, p.opt_devices
            FROM event_participations p JOIN events e ON e.event_id = p.event_id
            WHERE p.ven_id = ? AND (e.mentioned_until IS NULL OR e.mentioned_until > ?)
            """, [.text(ven.rawValue), .instant(instant)]
        ).map { (try Self.event($0), try Self.participation($0)) }
    }

    func save(_ participation: EventParticipation) async throws { try await save([participation]) }

    func save(_ participations: [EventParticipation]) async throws {
        try await connection.executeBatch(
            """
            INSERT INTO event_participations (ven_id, event_id, signals, resources, withdrawn_modification, sent_modification,
                send_count, acknowledged_modification, opt_type, opt_source, opt_decided_at, opt_error_code,
                opt_resources, targets, baseline, opt_devices)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE signals = VALUES(signals), resources = VALUES(resources),
                withdrawn_modification = VALUES(withdrawn_modification), sent_modification = VALUES(sent_modification),
                send_count = VALUES(send_count), acknowledged_modification = VALUES(acknowledged_modification),
                opt_type = VALUES(opt_type), opt_source = VALUES(opt_source), opt_decided_at = VALUES(opt_decided_at),
                opt_error_code = VALUES(opt_error_code), opt_resources = VALUES(opt_resources),
                targets = VALUES(targets), baseline = VALUES(baseline), opt_devices = VALUES(opt_devices)
            """, rows: try participations.map(Self.fields))
    }

    private static func fields(_ participation: EventParticipation) throws -> [MariaDBValue] {
        let delivery = participation.delivery
        let opt = participation.opt
        let optResources = Dictionary(uniqueKeysWithValues: opt.resources.map { ($0.key.rawValue, $0.value) })
        return [
            .text(participation.venID.rawValue), .text(participation.eventID.rawValue),
            try JSONColumn.value(participation.signals),
            try JSONColumn.value(participation.resources.map(\.rawValue)),
            .optional(participation.withdrawnModification) { .count($0) },
            .optional(delivery.sentModification) { .count($0) }, .count(delivery.sendCount),
            .optional(delivery.acknowledgedModification) { .count($0) }, .optional(opt.type) { .text($0.rawValue) },
            .optional(opt.source) { .text($0.rawValue) }, .optional(opt.decidedAt) { .instant($0) },
            .optional(opt.errorCode) { .count($0.rawValue) }, try JSONColumn.value(optResources),
            try JSONColumn.value(participation.targets),
            try participation.baseline.map { try JSONColumn.value($0) } ?? .null, try JSONColumn.value(opt.devices),
        ]
    }

    func append(_ decision: OptDecision) async throws {
        try await connection.execute(
            """
            INSERT INTO opt_decisions (event_id, ven_id, modification_number, opt_type, source, decided_at, resources,
                reason)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(decision.eventID.rawValue), .text(decision.venID.rawValue), .count(decision.modificationNumber),
                .text(decision.type.rawValue), .text(decision.source.rawValue), .instant(decision.decidedAt),
                try JSONColumn.value(decision.resources.map(\.rawValue)), .optional(decision.reason) { .text($0) },
            ])
    }

    private static func participation(_ row: MariaDBRow) throws -> EventParticipation {
        EventParticipation(
            eventID: EventID(try row.text("event_id")), venID: VENID(try row.text("ven_id")),
            signals: try row.json("signals"), resources: try row.resources("resources"),
            targets: try row.json("targets"),
            baseline: try row.optionalText("baseline") == nil ? nil : try row.json("baseline"),
            withdrawnModification: try row.optionalUInt32("withdrawn_modification"),
            delivery: EventDelivery(
                sentModification: try row.optionalUInt32("sent_modification"),
                sendCount: Int(try row.integer("send_count")),
                acknowledgedModification: try row.optionalUInt32("acknowledged_modification")),
            opt: try opt(row))
    }

    private static func opt(_ row: MariaDBRow) throws -> OptState {
        let resources = try row.json("opt_resources", as: [String: OptType].self)
        return OptState(
            type: try row.optionalWord("opt_type"), source: try row.optionalWord("opt_source"),
            decidedAt: try row.optionalInstant("opt_decided_at"),
            errorCode: try row.optionalInteger("opt_error_code").flatMap { ResponseCode(rawValue: Int($0)) },
            resources: Dictionary(uniqueKeysWithValues: resources.map { (ResourceID($0.key), $0.value) }),
            devices: try row.json("opt_devices"))
    }
}
