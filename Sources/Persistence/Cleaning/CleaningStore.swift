public import DemandResponse
public import MariaDB
public import Measures
public import MeterData
import Redis

/// Cleaned series: the readings as they came, and over them what was found wrong (tables `cleanings`, `cleaning_edits`).
///
/// Nothing is overwritten: every change is a version of its own, with who, when and why, and can be undone. An edit counts
/// as long as the reading that it judged is unchanged; a correction by the source takes its place.
public struct CleaningStore: Sendable {
    let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// What the rules would change in the window; nothing is written.
    public func proposal(
        for meter: MeterID, in window: TimeWindow, rules: CleaningRules = CleaningRules()
    ) async throws -> [CleaningEdit] {
        guard let known = try await MeterStore(pool).meter(meter) else { throw CleaningRefusal.unknownMeter(meter) }
        let readings = try await ReadingStore(pool).readings(of: meter, in: window)
        return Cleaner(rules, step: known.description.step).edits(readings, in: window)
    }

    /// Makes a version by rules; nil when there is nothing to change.
    ///
    /// - Throws: `CleaningRefusal`.
    public func clean(
        _ meter: MeterID, in window: TimeWindow, rules: CleaningRules = CleaningRules(), by actor: Actor,
        reason: String
    ) async throws -> CleaningID? {
        let edits = try await proposal(for: meter, in: window, rules: rules)
        guard !edits.isEmpty else { return nil }
        return try await write(edits, meter, window, rules, actor, reason)
    }

    /// Makes a version by hand: another value for one interval, or nil where nothing is to be believed.
    ///
    /// - Parameter address: where the request came from.
    public func edit(
        _ meter: MeterID, at start: Instant, to energy: WattHours?, by actor: Actor, reason: String,
        from address: String = ""
    ) async throws -> CleaningID {
        guard let known = try await MeterStore(pool).meter(meter) else { throw CleaningRefusal.unknownMeter(meter) }
        let raw = try await ReadingStore(pool).readings(
            of: meter, in: TimeWindow(start: start, duration: .seconds(1))
        ).first
        guard raw != nil || energy != nil else { throw CleaningRefusal.noInterval(start) }
        let window = raw?.window ?? TimeWindow(start: start, duration: known.description.step)
        let edit = CleaningEdit(window: window, raw: raw?.energy, cleaned: energy, kind: .manual)
        return try await write([edit], meter, window, nil, actor, reason, address)
    }

    private func write(
        _ edits: [CleaningEdit], _ meter: MeterID, _ window: TimeWindow, _ rules: CleaningRules?, _ actor: Actor,
        _ reason: String, _ address: String = ""
    ) async throws -> CleaningID {
        guard !reason.isEmpty else { throw CleaningRefusal.noReason }
        let rules = try JSONColumn.value(rules)
        return try await pool.transaction { connection in
            let id = try connection.execute(
                """
                INSERT INTO cleanings (meter_id, start_time, end_time, actor, reason, rules) VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    .meter(meter), .instant(window.start), .instant(window.end), .text(actor.name),
                    .text(String(reason.prefix(190))), rules,
                ]
            ).lastInsertID
            try connection.executeBatch(
                """
                INSERT INTO cleaning_edits (cleaning_id, meter_id, start_time, end_time, raw_value, cleaned_value, kind)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                rows: edits.map { edit in
                    [
                        .integer(id), .meter(meter), .instant(edit.window.start), .instant(edit.window.end),
                        .optional(edit.raw) { .double($0.value) }, .optional(edit.cleaned) { .double($0.value) },
                        .text(edit.kind.rawValue),
                    ]
                })
            try AuditStore.append(
                AuditRecord(
                    actor, "data.clean", CleaningID(id).subject,
                    detail: "\(meter.subject), \(edits.count) intervals: \(reason)", address: address,
                    before: Self.state(edits, \.raw), after: Self.state(edits, \.cleaned)), connection)
            return CleaningID(id)
        }
    }

    /// A single interval by its beginning, in Wh; what rules did stands in `cleaning_edits`.
    private static func state(_ edits: [CleaningEdit], _ value: (CleaningEdit) -> WattHours?) -> [String: String] {
        guard edits.count == 1, let edit = edits.first else { return [:] }
        return [edit.window.start.description: value(edit).map { "\($0.value) Wh" } ?? "none"]
    }

    /// The version no longer counts; what it changed is as it was before.
    public func undo(
        _ cleaning: CleaningID, by actor: Actor, reason: String, from address: String = ""
    ) async throws {
        guard !reason.isEmpty else { throw CleaningRefusal.noReason }
        try await pool.transaction { connection in
            let changed = try connection.execute(
                """
                UPDATE cleanings SET undone_at = UTC_TIMESTAMP(), undone_by = ?, undone_reason = ?
                WHERE cleaning_id = ? AND undone_at IS NULL
                """, [.text(actor.name), .text(String(reason.prefix(190))), .integer(cleaning.rawValue)]
            ).affectedRows
            guard changed == 1 else {
                let known = try connection.query(
                    "SELECT 1 AS one FROM cleanings WHERE cleaning_id = ?", [.integer(cleaning.rawValue)])
                throw known.isEmpty
                    ? CleaningRefusal.unknownCleaning(cleaning) : CleaningRefusal.alreadyUndone(cleaning)
            }
            try AuditStore.append(
                AuditRecord(actor, "data.uncleaned", cleaning.subject, detail: reason, address: address), connection)
        }
    }

    /// The versions of a meter, the latest first, the undone ones too.
    public func cleanings(of meter: MeterID) async throws -> [Cleaning] {
        try await pool.query(
            """
            SELECT c.cleaning_id, c.meter_id, c.start_time, c.end_time, c.actor, c.reason, c.rules, c.made_at,
                c.undone_at, (SELECT COUNT(*) FROM cleaning_edits e WHERE e.cleaning_id = c.cleaning_id) AS edits
            FROM cleanings c WHERE c.meter_id = ? ORDER BY c.cleaning_id DESC
            """, [.meter(meter)]
        ).map { row in
            Cleaning(
                id: CleaningID(try row.integer("cleaning_id")), meter: try row.meter(), window: try row.window(),
                actor: Actor(try row.text("actor")), reason: try row.text("reason"), rules: try row.json("rules"),
                madeAt: try row.instant("made_at"), undoneAt: try row.optionalInstant("undone_at"),
                edits: Int(try row.integer("edits")))
        }
    }
}
