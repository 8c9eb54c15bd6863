import DemandResponse
import MariaDB
import Measures
import MeterData

extension ImportStore {
    /// Takes an import back: readings that it brought go, those that it replaced come back, and what was corrected since
    /// stays. One transaction for each meter; when it is interrupted, it is simply called again.
    ///
    /// - Throws: `ImportRefusal.unknownBatch`, `.alreadyUndone`.
    public func undo(_ batch: BatchID, by actor: Actor, from address: String = "") async throws {
        let id = MariaDBValue.integer(batch.rawValue)
        guard
            let row = try await pool.query("SELECT state, plan FROM import_batches WHERE batch_id = ?", [id]).first
        else { throw ImportRefusal.unknownBatch(batch) }
        guard try row.word("state", as: ImportBatch.State.self) != .undone else {
            throw ImportRefusal.alreadyUndone(batch)
        }
        let plan: ImportPlan = try row.json("plan")
        let meters = try await pool.query(
            "SELECT meter_id, first_start, last_start FROM import_batch_meters WHERE batch_id = ? ORDER BY meter_id",
            [id])
        for row in meters {
            let meter = try row.meter()
            let first = try row.instant("first_start")
            let last = try row.instant("last_start")
            try await keepingRules {
                try await pool.transaction(isolation: .readCommitted) { connection in
                    try RegisterWriter.lock(meter, connection)
                    if case .register(let rollOver) = plan.values {
                        try Self.undoRegisters(
                            batch, meter, first, last, plan, rollOver: rollOver, connection)
                    } else {
                        try Self.undoReadings(batch, meter, first, last, connection)
                    }
                }
            }
        }
        try await pool.transaction { connection in
            try connection.execute(
                """
                UPDATE import_batches SET state = 'undone', undone_at = UTC_TIMESTAMP(), undone_by = ?
                WHERE batch_id = ?
                """, [.text(actor.name), id])
            try AuditStore.append(AuditRecord(actor, "data.undo", batch.subject, address: address), connection)
        }
    }

    private static func undoRegisters(
        _ batch: BatchID, _ meter: MeterID, _ first: Instant, _ last: Instant, _ plan: ImportPlan,
        rollOver: Double?, _ connection: isolated MariaDBConnection
    ) throws {
        try connection.execute(
            "DELETE FROM register_readings WHERE meter_id = ? AND batch_id = ? AND read_at >= ? AND read_at <= ?",
            [.meter(meter), .integer(batch.rawValue), .instant(first), .instant(last)])
        let now = try connection.query("SELECT UTC_TIMESTAMP() AS now").first?.instant("now") ?? last
        try RegisterWriter(
            meter: meter, step: .seconds(plan.step), rollOver: rollOver, batch: nil, recordedAt: now
        ).workOut(from: first, to: last, connection)
    }

    private static func undoReadings(
        _ batch: BatchID, _ meter: MeterID, _ first: Instant, _ last: Instant,
        _ connection: isolated MariaDBConnection
    ) throws {
        let id = MariaDBValue.integer(batch.rawValue)
        let range: [MariaDBValue] = [.meter(meter), .instant(first), .instant(last)]
        // A later import that replaced a value of the batch has now replaced the one before, or none; what the batch
        // brought is kept all the same.
        try connection.execute(
            """
            INSERT INTO meter_data_replaced (meter_id, start_time, end_time, meter_value, quality, source, recorded_at,
                batch_id, replaced_by, replaced_at)
            SELECT b.meter_id, b.start_time, b.end_time, b.meter_value, b.quality, b.source, b.recorded_at, b.batch_id,
                r.replaced_by, r.replaced_at
            FROM meter_data_replaced r JOIN meter_data_replaced b
                ON b.meter_id = r.meter_id AND b.start_time = r.start_time AND b.replaced_by = r.batch_id
                AND NOT b.batch_id <=> b.replaced_by
            WHERE r.batch_id = ? AND r.replaced_by <> ? AND r.meter_id = ? AND r.start_time >= ? AND r.start_time <= ?
            """, [id, id] + range)
        try connection.execute(
            """
            UPDATE meter_data_replaced SET replaced_by = NULL
            WHERE batch_id = ? AND replaced_by <> ? AND meter_id = ? AND start_time >= ? AND start_time <= ?
            """, [id, id] + range)
        let before = try connection.query(
            """
            SELECT r.start_time, r.end_time, r.meter_value, r.quality, r.source, r.recorded_at, r.batch_id
            FROM meter_data_replaced r JOIN (
                SELECT MIN(replaced_id) AS replaced_id FROM meter_data_replaced
                WHERE replaced_by = ? AND meter_id = ? AND start_time >= ? AND start_time <= ?
                    AND NOT batch_id <=> replaced_by
                GROUP BY start_time
            ) f ON f.replaced_id = r.replaced_id
            """, [id] + range)
        let mark = try connection.query("SELECT COALESCE(MAX(replaced_id), 0) AS mark FROM meter_data_replaced").first
        try connection.executeBatch(
            """
            UPDATE meter_data SET end_time = ?, meter_value = ?, quality = ?, source = ?, recorded_at = ?, batch_id = ?
            WHERE meter_id = ? AND start_time = ? AND batch_id = ?
            """,
            rows: before.map { row in
                [
                    try row.value("end_time"), try row.value("meter_value"), try row.value("quality"),
                    try row.value("source"), try row.value("recorded_at"), try row.value("batch_id"), .meter(meter),
                    try row.value("start_time"), id,
                ]
            })
        try connection.execute(
            "DELETE FROM meter_data WHERE batch_id = ? AND meter_id = ? AND start_time >= ? AND start_time <= ?",
            [id] + range)
        // What the batch replaced is back, and what is kept of the batch is nobody's replacement.
        try connection.execute(
            """
            UPDATE meter_data_replaced SET replaced_by = NULL
            WHERE meter_id = ? AND start_time >= ? AND start_time <= ? AND (replaced_by = ? OR replaced_id > ?)
            """, range + [id, .integer(try mark?.integer("mark") ?? 0)])
        try connection.execute(
            """
            INSERT INTO cache_invalidations (namespace, cache_key)
            SELECT DISTINCT 'series', CONCAT(meter_id, '/', DATE(start_time)) FROM meter_data_replaced
            WHERE meter_id = ? AND start_time >= ? AND start_time <= ?
            """, range)
    }
}
