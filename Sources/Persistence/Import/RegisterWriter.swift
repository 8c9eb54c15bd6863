import DemandResponse
import MariaDB
import Measures
import MeterData

/// Writes what a register showed, and what follows from it: the energy between two readings. A reading that comes late
/// divides the interval of its neighbours, so that is worked out again, too.
struct RegisterWriter {
    let meter: MeterID
    /// What a longer span is cut into.
    let step: TimeSpan
    let rollOver: Double?
    let batch: BatchID?
    let recordedAt: Instant

    /// `readings` in order of time.
    func write(_ readings: [RegisterReading], _ connection: isolated MariaDBConnection) throws {
        guard let first = readings.first, let last = readings.last else { return }
        try Self.lock(meter, connection)
        try connection.executeBatch(
            """
            INSERT INTO register_readings (meter_id, read_at, register_value, batch_id, recorded_at)
            VALUES (?, ?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE
                batch_id = IF(VALUES(recorded_at) >= recorded_at AND VALUES(register_value) <> register_value,
                    VALUES(batch_id), batch_id),
                register_value = IF(VALUES(recorded_at) >= recorded_at, VALUES(register_value), register_value),
                recorded_at = GREATEST(VALUES(recorded_at), recorded_at)
            """,
            rows: readings.map {
                [
                    .meter(meter), .instant($0.at), .double($0.value), .optional(batch) { .integer($0.rawValue) },
                    .instant(recordedAt),
                ]
            })
        try workOut(from: first.at, to: last.at, connection)
    }

    /// Nobody else writes readings of the meter until the end of the transaction.
    static func lock(_ meter: MeterID, _ connection: isolated MariaDBConnection) throws {
        _ = try connection.query(
            "SELECT meter_id FROM meter_predictions WHERE meter_id = ? FOR UPDATE", [.meter(meter)])
    }

    /// Works out the energy from the reading before `start` to the one after `end`.
    func workOut(from start: Instant, to end: Instant, _ connection: isolated MariaDBConnection) throws {
        let bounds = try connection.query(
            """
            SELECT (SELECT MAX(read_at) FROM register_readings WHERE meter_id = ? AND read_at < ?) AS before_it,
                (SELECT MIN(read_at) FROM register_readings WHERE meter_id = ? AND read_at > ?) AS after_it
            """, [.meter(meter), .instant(start), .meter(meter), .instant(end)])
        let from = try bounds.first?.optionalInstant("before_it") ?? start
        let to = try bounds.first?.optionalInstant("after_it") ?? end
        let registers = try connection.query(
            """
            SELECT read_at, register_value FROM register_readings WHERE meter_id = ? AND read_at >= ? AND read_at <= ?
            ORDER BY read_at
            """, [.meter(meter), .instant(from), .instant(to)]
        ).map { RegisterReading(at: try $0.instant("read_at"), value: try $0.double("register_value")) }
        let worked = RegisterDeltas.intervals(registers, step: step, rollOver: rollOver)
        let starts = Set(worked.intervals.map(\.window.start))
        let old = try connection.query(
            """
            SELECT start_time FROM meter_data
            WHERE meter_id = ? AND start_time >= ? AND start_time < ? AND source = 'register'
            """, [.meter(meter), .instant(from), .instant(to)]
        ).map { try $0.instant("start_time") }.filter { !starts.contains($0) }
        try connection.executeBatch(
            "DELETE FROM meter_data WHERE meter_id = ? AND start_time = ?",
            rows: old.map { [.meter(meter), .instant($0)] })
        try CacheOutbox.forget(
            .series, Set(old.map { DayReadings.key(meter, SeriesStore.day($0)) }), connection)
        try ImportTarget.upsert(
            worked.intervals.map { interval in
                ImportTarget.row(
                    meter, interval.window, interval.energy.value, interval.isEstimated ? .estimated : .good,
                    .register, recordedAt, batch)
            }, connection)
    }
}
