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

    private struct Lane {
        var buffer: [Value] = []
        var running: Task<Void, any Error>?
    }

    let batch: BatchID
    private let target: ImportTarget
    private var lanes: [Lane]

    init(_ pool: MariaDBPool, plan: ImportPlan, batch: BatchID, recordedAt: Instant) {
        self.batch = batch
        target = ImportTarget(pool: pool, plan: plan, batch: batch, recordedAt: recordedAt)
        lanes = Array(repeating: Lane(), count: ImportStore.lanes)
    }

    /// Takes values; returns when there is room for more.
    func add(_ values: [Value]) async throws {
        for value in values { lanes[Int(value.meter.rawValue % Int64(lanes.count))].buffer.append(value) }
        for lane in lanes.indices where lanes[lane].buffer.count >= ImportStore.batchSize { try await start(lane) }
    }

    /// Returns when all values are committed.
    func finish() async throws {
        for lane in lanes.indices where !lanes[lane].buffer.isEmpty { try await start(lane) }
        for lane in lanes { try await lane.running?.value }
    }

    /// Ends what is under way; what is committed stays.
    func cancel() async {
        for lane in lanes { lane.running?.cancel() }
        for lane in lanes { _ = await lane.running?.result }
    }

    private func start(_ lane: Int) async throws {
        try await lanes[lane].running?.value
        let values = lanes[lane].buffer
        lanes[lane].buffer = []
        lanes[lane].running = Task { [target] in
            var rest = values[...]
            while !rest.isEmpty {
                let part = Array(rest.prefix(ImportStore.batchSize))
                rest = rest.dropFirst(ImportStore.batchSize)
                try await keepingRules {
                    try await target.pool.transaction(isolation: .readCommitted) { try target.write(part, $0) }
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
        // Rows in the order of the key: the locks of two transactions come in the same order, and pages are filled.
        let ordered = values.enumerated().sorted {
            ($0.element.meter, $0.element.start, $0.offset) < ($1.element.meter, $1.element.start, $1.offset)
        }.map(\.element)
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
            try Self.upsert(
                ordered.map { value in
                    Self.row(
                        value.meter, TimeWindow(start: value.start, duration: value.duration), value.energy,
                        .good, .file, recordedAt, batch)
                }, connection)
        }
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
    static func upsert(_ rows: [[MariaDBValue]], _ connection: isolated MariaDBConnection) throws {
        try CacheOutbox.forget(.series, Set(rows.compactMap(ReadingStore.dayKey)), connection)
        try connection.executeBatch(
            """
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
            """, rows: rows)
    }
}
