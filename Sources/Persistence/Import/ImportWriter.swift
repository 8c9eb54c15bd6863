import DemandResponse
import MariaDB
import Measures
import MeterData

/// Writes the values of an import: on several connections, each with meters of its own, so that the values of a meter
/// stay in the order of the file.
final class ImportWriter {
    /// A value and whose it is.
    struct Value: Sendable {
        let meter: MeterID
        let start: Instant
        let duration: TimeSpan
        let energy: Double

        init(meter: MeterID, _ value: ImportedValue) {
            self.meter = meter
            start = value.start
            duration = value.duration
            energy = value.value
        }
    }

    let batch: BatchID
    private let target: ImportTarget
    private var lanes = WriteLanes(ImportStore.lanes, depth: ImportStore.laneDepth)
    /// What no transaction has yet, by lane.
    private var buffers: [[Value]]

    init(_ pool: MariaDBPool, plan: ImportPlan, batch: BatchID, recordedAt: Instant) {
        self.batch = batch
        target = ImportTarget(pool: pool, plan: plan, batch: batch, recordedAt: recordedAt)
        buffers = Array(repeating: [], count: ImportStore.lanes)
    }

    /// Takes values; returns when there is room for more.
    ///
    /// A file in the order of its meters fills one lane at a time: that is why a lane may have several transactions
    /// waiting before the file is read no further.
    func add(_ values: [Value]) async throws {
        for value in values { buffers[Int(value.meter.rawValue % Int64(buffers.count))].append(value) }
        for lane in buffers.indices where buffers[lane].count >= ImportStore.batchSize { try await send(lane) }
    }

    /// Returns when all values are committed.
    func finish() async throws {
        for lane in buffers.indices { try await send(lane) }
        try await lanes.finish()
    }

    /// Ends what is under way; what is committed stays.
    func cancel() async {
        await lanes.cancel()
    }

    private func send(_ lane: Int) async throws {
        let values = buffers[lane]
        buffers[lane] = []
        for part in values.parts(of: ImportStore.batchSize) {
            try await lanes.send(to: lane) { [target] in
                try await keepingRules {
                    try await target.pool.transaction(isolation: .readCommitted) { try target.write(Array(part), $0) }
                }
            }
        }
    }

    /// All values in one transaction.
    func writeAtOnce(_ values: [Value]) async throws {
        let target = target
        try await keepingRules {
            try await target.pool.transaction(isolation: .readCommitted) { try target.write(values, $0) }
        }
    }
}

/// Where the values of an import go.
struct ImportTarget: Sendable {
    let pool: MariaDBPool
    let plan: ImportPlan
    let batch: BatchID
    let recordedAt: Instant

    /// Writes values in the transaction of the connection. The last of equal times counts.
    func write(_ values: [ImportWriter.Value], _ connection: isolated MariaDBConnection) throws {
        let ordered = Self.ordered(values)
        try noteMeters(ordered, connection)
        if case .register(let rollOver) = plan.values {
            var rest = ordered[...]
            while let first = rest.first {
                let own = rest.prefix { $0.meter == first.meter }
                rest = rest.dropFirst(own.count)
                try RegisterWriter(
                    meter: first.meter, step: .seconds(plan.step), rollOver: rollOver, batch: batch,
                    recordedAt: recordedAt
                ).write(own.map { RegisterReading(at: $0.start, value: $0.energy) }, connection)
            }
        } else {
            try upsert(ordered, connection)
        }
    }

    /// In the order of the key: the locks of two transactions come in the same order, and pages are filled.
    private static func ordered(_ values: [ImportWriter.Value]) -> [ImportWriter.Value] {
        func follows(_ left: ImportWriter.Value, _ right: ImportWriter.Value) -> Bool {
            (left.meter, left.start) <= (right.meter, right.start)
        }
        // Files mostly are in order already.
        guard !zip(values, values.dropFirst()).allSatisfy(follows) else { return values }
        return values.enumerated().sorted {
            ($0.element.meter, $0.element.start, $0.offset) < ($1.element.meter, $1.element.start, $1.offset)
        }.map(\.element)
    }

    private func noteMeters(
        _ ordered: [ImportWriter.Value], _ connection: isolated MariaDBConnection
    ) throws {
        var rows: [[MariaDBValue]] = []
        var rest = ordered[...]
        while let first = rest.first {
            let own = rest.prefix { $0.meter == first.meter }
            rest = rest.dropFirst(own.count)
            rows.append([
                .integer(batch.rawValue), .meter(first.meter), .instant(first.start),
                .instant(own.last?.start ?? first.start),
            ])
        }
        try connection.executeBatch(
            """
            INSERT INTO import_batch_meters (batch_id, meter_id, first_start, last_start) VALUES (?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE first_start = LEAST(first_start, VALUES(first_start)),
                last_start = GREATEST(last_start, VALUES(last_start))
            """, rows: rows)
    }

    // MARK: Rows

    static func row(
        _ meter: MeterID, _ window: TimeWindow, _ energy: Double, _ quality: ReadingStore.Quality,
        _ source: ReadingStore.Source, _ recordedAt: Instant, _ batch: BatchID?
    ) -> [MariaDBValue] {
        ReadingStore.row(meter, window, WattHours(energy), quality, source, recordedAt)
            + [.optional(batch) { .integer($0.rawValue) }]
    }

    /// A value that is there already keeps the batch that brought it: the same file again changes nothing.
    ///
    /// The assignments before that of `recorded_at` compare with the old row; `batch_id` comes first, as it looks at the
    /// old value.
    private static let upsertion: StaticString = """
        INSERT INTO meter_data (meter_id, start_time, end_time, meter_value, quality, source, recorded_at, batch_id)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON DUPLICATE KEY UPDATE
            batch_id = IF(VALUES(recorded_at) >= recorded_at AND (VALUES(end_time), VALUES(meter_value))
                <> (end_time, meter_value), VALUES(batch_id), batch_id),
            end_time = IF(VALUES(recorded_at) >= recorded_at, VALUES(end_time), end_time),
            meter_value = IF(VALUES(recorded_at) >= recorded_at, VALUES(meter_value), meter_value),
            quality = IF(VALUES(recorded_at) >= recorded_at, VALUES(quality), quality),
            source = IF(VALUES(recorded_at) >= recorded_at, VALUES(source), source),
            recorded_at = GREATEST(VALUES(recorded_at), recorded_at)
        """

    static func upsert(_ rows: [[MariaDBValue]], _ connection: isolated MariaDBConnection) throws {
        try CacheOutbox.forget(.series, Set(rows.compactMap(ReadingStore.dayKey)), connection)
        try connection.executeBatch(upsertion, rows: rows)
    }

    /// Values of intervals, in the order of the key.
    private func upsert(_ values: [ImportWriter.Value], _ connection: isolated MariaDBConnection) throws {
        try CacheOutbox.forget(.series, Self.dayKeys(values), connection)
        try connection.executeBatch(
            Self.upsertion,
            columns: [
                .integers(values.map(\.meter.rawValue)), .timestamps(values.map(\.start.secondsSinceEpoch)),
                .timestamps(values.map { ($0.start + $0.duration).secondsSinceEpoch }), .doubles(values.map(\.energy)),
                .constant(.text(ReadingStore.Quality.good.rawValue)),
                .constant(.text(ReadingStore.Source.file.rawValue)),
                .constant(.instant(recordedAt)), .constant(.integer(batch.rawValue)),
            ])
    }

    /// One for each day of each meter.
    private static func dayKeys(_ ordered: [ImportWriter.Value]) -> [String] {
        var keys: [String] = []
        var last: (meter: MeterID, midnight: Instant)?
        for value in ordered {
            if let last, last.meter == value.meter, value.start - last.midnight < .days(1) { continue }
            last = (value.meter, value.start.floored(to: .days(1)))
            keys.append(DayReadings.key(value.meter, SeriesStore.day(value.start)))
        }
        return keys
    }
}
