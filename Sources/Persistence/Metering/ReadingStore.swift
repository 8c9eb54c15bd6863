public import DemandResponse
public import MariaDB
public import Measures
import Redis

/// Readings of meters (table `meter_data`), in Wh.
public struct ReadingStore: Sendable {
    /// How far a reading may be trusted.
    public enum Quality: String, Hashable, Sendable {
        case good
        case estimated
        case suspect
    }

    /// Where a reading came from.
    public enum Source: String, Hashable, Sendable {
        case file = "import"
        case telemetry
        /// The difference of two readings of a register.
        case register
    }

    /// A reading with what is known about it.
    public struct StoredReading: Hashable, Sendable {
        public let reading: IntervalReading
        public let quality: Quality
        public let source: Source
        /// The shed that an event interval shows: max(prediction - value, 0). Nil without a prediction.
        public let delta: WattHours?
    }

    /// How far an import is.
    public struct Progress: Hashable, Sendable {
        public let rowsDone: Int
        public let rowsTotal: Int
    }

    /// Rows of one transaction.
    private static let batchSize = 5_000

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Writes the readings of one meter and returns how many; intervals without a value are no rows.
    ///
    /// A reading that is there already is replaced unless it was stated later than `recordedAt`, so a repeated import
    /// changes nothing. Each batch is one transaction: after an error the batches before it are kept, and the import is
    /// simply run again. `progress` is called after each batch. The order of the readings does not matter.
    public func write(
        _ readings: [IntervalReading], of meter: MeterID, recordedAt: Instant, quality: Quality = .good,
        source: Source = .file, progress: @Sendable (Progress) -> Void = { _ in }
    ) async throws -> Int {
        let rows = readings.compactMap { reading in
            reading.energy.map { Self.row(meter, reading.window, $0, quality, source, recordedAt) }
        }
        var done = 0
        while done < rows.count {
            let batch = Array(rows[done..<min(done + Self.batchSize, rows.count)])
            try await keepingRules {
                _ = try await pool.transaction(isolation: .readCommitted) { try Self.upsert(batch, $0) }
            }
            done += batch.count
            progress(Progress(rowsDone: done, rowsTotal: rows.count))
        }
        return rows.count
    }

    /// The readings that start in the window, in order of time.
    public func readings(of meter: MeterID, in window: TimeWindow) async throws -> [IntervalReading] {
        try await storedReadings(of: meter, in: window).map(\.reading)
    }

    /// The same with quality, source and delta.
    public func storedReadings(of meter: MeterID, in window: TimeWindow) async throws -> [StoredReading] {
        try await pool.withConnection { connection in
            var readings: [StoredReading] = []
            try connection.forEachRow(
                """
                SELECT start_time, end_time, meter_value, delta_value, quality, source FROM meter_data
                WHERE meter_id = ? AND start_time >= ? AND start_time < ? ORDER BY start_time
                """, [.meter(meter), .instant(window.start), .instant(window.end)]
            ) { readings.append(try Self.reading($0)) }
            return readings
        }
    }

    /// From the start of the first reading to the end of the last; nil for a meter without readings.
    public func extent(of meter: MeterID) async throws -> TimeWindow? {
        let rows = try await pool.query(
            """
            SELECT MIN(start_time) AS start_time, MAX(end_time) AS end_time, COUNT(*) AS readings FROM meter_data
            WHERE meter_id = ?
            """, [.meter(meter)])
        guard let row = rows.first, try row.integer("readings") > 0 else { return nil }
        return try row.window()
    }

    /// How many readings the meter has.
    public func count(of meter: MeterID) async throws -> Int {
        let rows = try await pool.query(
            "SELECT COUNT(*) AS readings FROM meter_data WHERE meter_id = ?", [.meter(meter)])
        return Int(try rows.first?.integer("readings") ?? 0)
    }

    // MARK: Rows

    static func row(
        _ meter: MeterID, _ window: TimeWindow, _ energy: WattHours, _ quality: Quality, _ source: Source,
        _ recordedAt: Instant
    ) -> [MariaDBValue] {
        [
            .meter(meter), .instant(window.start), .instant(window.end), .double(energy.value),
            .text(quality.rawValue), .text(source.rawValue), .instant(recordedAt),
        ]
    }

    /// Rows as `row` makes them; the copies of their days are forgotten with the commit.
    ///
    /// `recorded_at` is assigned last: the assignments before it compare with the old one.
    static func upsert(_ rows: [[MariaDBValue]], _ connection: isolated MariaDBConnection) throws {
        try CacheOutbox.forget(.series, Set(rows.compactMap(dayKey)), connection)
        try connection.executeBatch(
            """
            INSERT INTO meter_data (meter_id, start_time, end_time, meter_value, quality, source, recorded_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE
                batch_id = IF(VALUES(recorded_at) >= recorded_at AND (VALUES(end_time), VALUES(meter_value))
                    <> (end_time, meter_value), NULL, batch_id),
                end_time = IF(VALUES(recorded_at) >= recorded_at, VALUES(end_time), end_time),
                meter_value = IF(VALUES(recorded_at) >= recorded_at, VALUES(meter_value), meter_value),
                quality = IF(VALUES(recorded_at) >= recorded_at, VALUES(quality), quality),
                source = IF(VALUES(recorded_at) >= recorded_at, VALUES(source), source),
                recorded_at = GREATEST(VALUES(recorded_at), recorded_at)
            """, rows: rows)
    }

    static func dayKey(_ row: [MariaDBValue]) -> String? {
        guard case .integer(let meter) = row[0], case .timestamp(let seconds) = row[1] else { return nil }
        return DayReadings.key(MeterID(meter), SeriesStore.day(Instant(secondsSinceEpoch: seconds)))
    }

    private static func reading(_ row: MariaDBRow) throws -> StoredReading {
        let window = try row.window()
        return StoredReading(
            reading: IntervalReading(
                start: window.start, duration: window.duration, energy: WattHours(try row.double("meter_value"))),
            quality: try row.word("quality"), source: try row.word("source"),
            delta: try row.optionalDouble("delta_value").map { WattHours($0) })
    }
}
