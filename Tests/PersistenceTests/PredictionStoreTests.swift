import DemandResponse
import MariaDB
import Measures
import OpenADR
import Persistence
import Testing
import VirtualTopNode

@Suite struct PredictionStoreTests {
    private let step = TimeSpan.minutes(15)

    private func setUp(_ pool: MariaDBPool) async throws -> MeterID {
        _ = try await AccountStore(pool).establishDistributor(named: "Grid")
        try await storeEvent("event-1", on: pool)
        return try await MeterStore(pool).create(.init(name: "m", zone: "UTC", step: step))
    }

    private func prediction(_ index: Int, _ energy: Double) -> PredictionStore.Prediction {
        .init(window: TimeWindow(start: midsummer + step * Int64(index), duration: step), energy: WattHours(energy))
    }

    private func reading(_ index: Int, _ energy: Double) -> IntervalReading {
        IntervalReading(start: midsummer + step * Int64(index), duration: step, energy: WattHours(energy))
    }

    private func deltas(_ pool: MariaDBPool, _ meter: MeterID) async throws -> [WattHours?] {
        try await ReadingStore(pool).storedReadings(
            of: meter, in: TimeWindow(start: midsummer, duration: .days(1))
        ).map(\.delta)
    }

    @Test func `the shed is the same whichever comes first`() async throws {
        try await withDatabase("deltas") { pool in
            let meter = try await setUp(pool)
            let readings = ReadingStore(pool)
            let predictions = PredictionStore(pool)
            _ = try await readings.write([reading(0, 70), reading(1, 130)], of: meter, recordedAt: midsummer)
            #expect(try await deltas(pool, meter) == [nil, nil])
            let expected = [prediction(0, 100), prediction(1, 100), prediction(2, 100), prediction(3, 100)]
            try await predictions.replace(expected, of: meter, in: ProgramEventID("event-1"))
            _ = try await readings.write([reading(2, 70), reading(4, 1)], of: meter, recordedAt: midsummer)
            #expect(try await deltas(pool, meter) == [WattHours(30), .zero, WattHours(30), nil])
            #expect(
                try await predictions.predictions(of: meter, in: ProgramEventID("event-1")) == expected)
        }
    }

    @Test func `corrections of either side count`() async throws {
        try await withDatabase("corrections") { pool in
            let meter = try await setUp(pool)
            let predictions = PredictionStore(pool)
            try await predictions.replace([prediction(0, 100)], of: meter, in: ProgramEventID("event-1"))
            _ = try await ReadingStore(pool).write([reading(0, 90)], of: meter, recordedAt: midsummer)
            _ = try await ReadingStore(pool).write([reading(0, 60)], of: meter, recordedAt: midsummer + step)
            #expect(try await deltas(pool, meter) == [WattHours(40)])
            try await predictions.replace([prediction(0, 200)], of: meter, in: ProgramEventID("event-1"))
            #expect(try await deltas(pool, meter) == [WattHours(140)])
            try await pool.execute("UPDATE meter_data SET delta_value = 5")
            #expect(try await deltas(pool, meter) == [WattHours(140)])
            try await predictions.replace([], of: meter, in: ProgramEventID("event-1"))
            #expect(try await deltas(pool, meter) == [nil])
        }
    }

    @Test func `a prediction of another length is another interval`() async throws {
        try await withDatabase("lengths") { pool in
            let meter = try await setUp(pool)
            let hour = PredictionStore.Prediction(
                window: TimeWindow(start: midsummer, duration: .hours(1)), energy: WattHours(400))
            try await PredictionStore(pool).replace([hour], of: meter, in: ProgramEventID("event-1"))
            _ = try await ReadingStore(pool).write([reading(0, 90)], of: meter, recordedAt: midsummer)
            #expect(try await deltas(pool, meter) == [nil])
        }
    }

    @Test func `readings and predictions that come at the same moment find each other`() async throws {
        try await withDatabase("delta_race") { pool in
            let meter = try await setUp(pool)
            for round in 0..<60 {
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask {
                        _ = try await ReadingStore(pool).write(
                            [reading(round, 70)], of: meter, recordedAt: midsummer)
                    }
                    group.addTask {
                        _ = try await pool.execute(
                            """
                            INSERT INTO drp_periods (meter_id, event, start_time, end_time, prediction_value)
                            VALUES (?, 'event-1', ?, ?, 100)
                            """,
                            [
                                .integer(meter.rawValue),
                                .timestamp(secondsSinceEpoch: (midsummer + step * Int64(round)).secondsSinceEpoch),
                                .timestamp(secondsSinceEpoch: (midsummer + step * Int64(round + 1)).secondsSinceEpoch),
                            ])
                    }
                }
            }
            #expect(try await deltas(pool, meter) == [WattHours?](repeating: WattHours(30), count: 60))
        }
    }

    @Test func `a reading waits for the prediction that another transaction is writing`() async throws {
        try await withDatabase("delta_wait") { pool in
            let meter = try await setUp(pool)
            let (written, signal) = AsyncStream<Void>.makeStream()
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask {
                    try await pool.transaction(isolation: .readCommitted) { connection in
                        try connection.execute(
                            """
                            INSERT INTO drp_periods (meter_id, event, start_time, end_time, prediction_value)
                            VALUES (?, 'event-1', '2026-07-01 00:00:00', '2026-07-01 00:15:00', 100)
                            """, [.integer(meter.rawValue)])
                        signal.finish()
                        for _ in 0..<200 where try await !isAnyoneWaiting(pool) {
                            try await Task.sleep(for: .milliseconds(10))
                        }
                    }
                }
                group.addTask {
                    for await _ in written {}
                    _ = try await ReadingStore(pool).write([reading(0, 70)], of: meter, recordedAt: midsummer)
                }
            }
            #expect(try await deltas(pool, meter) == [WattHours(30)])
        }
    }

    /// Whether a transaction on this database waits for a lock.
    private func isAnyoneWaiting(_ pool: MariaDBPool) async throws -> Bool {
        try await pool.number(
            """
            SELECT COUNT(*) FROM information_schema.innodb_trx t JOIN information_schema.processlist p
                ON p.id = t.trx_mysql_thread_id
            WHERE t.trx_state = 'LOCK WAIT' AND p.db = DATABASE()
            """) != 0
    }

    @Test func `an interval belongs to one event`() async throws {
        try await withDatabase("one_event") { pool in
            let meter = try await setUp(pool)
            try await storeEvent("event-2", on: pool)
            try await PredictionStore(pool).replace([prediction(0, 1)], of: meter, in: ProgramEventID("event-1"))
            await #expect {
                try await PredictionStore(pool).replace([prediction(0, 1)], of: meter, in: ProgramEventID("event-2"))
            } throws: { ($0 as? MariaDBError)?.isDuplicateKey == true }
        }
    }
}

/// An event of one hour without participants.
/// `populate_deltas` keeps what it read for the rows of one statement, and for no longer.
@Suite struct StatementMemoryTests {
    @Test func `a prediction between two statements of a session is seen, in rows of any order`() async throws {
        try await withDatabase("statement_memory", limit: 2) { pool in
            _ = try await AccountStore(pool).establishDistributor(named: "Grid")
            for name in ["a", "b"] {
                _ = try await MeterStore(pool).create(MeterDescription(name: name, zone: "UTC", step: .minutes(15)))
            }
            try await storeEvent("e", on: pool)
            // The private server of the tests lets no session set its clock, as Curtail's own.
            try await pool.withConnection { session in
                for (index, quarter) in ["00:00", "00:15", "00:30"].enumerated() {
                    let time = MariaDBValue.text("2026-07-01 \(quarter)")
                    try session.execute(
                        """
                        INSERT INTO meter_data (meter_id, start_time, end_time, meter_value)
                        SELECT meter_id, t, t + INTERVAL 15 MINUTE, 10 FROM meters,
                            (SELECT CAST(? AS DATETIME) AS t UNION ALL SELECT CAST(? AS DATETIME) + INTERVAL 1 DAY) s
                        ORDER BY t, name
                        """, [time, time])
                    // From another session, for the interval that comes next.
                    let next = MariaDBValue.text("2026-07-01 00:\(15 * (index + 1))")
                    try await pool.execute(
                        """
                        INSERT INTO drp_periods (meter_id, event, start_time, end_time, prediction_value)
                        SELECT meter_id, 'e', ?, ? + INTERVAL 15 MINUTE, 25 FROM meters WHERE name = 'a'
                        """, [next, next])
                }
            }
            #expect(
                try await pool.number("SELECT COUNT(*) FROM meter_data WHERE delta_value = 15") == 2)
            #expect(try await pool.number("SELECT COUNT(*) FROM meter_data WHERE delta_value IS NULL") == 10)
        }
    }
}

func storeEvent(_ id: EventID, on pool: MariaDBPool) async throws {
    let terms = try #require(
        EventTerms(marketContext: "http://curtail.example/program", start: midsummer, steps: [.hours(1)]))
    try await MariaDBTopNodeStore(pool).transaction { transaction in
        try await transaction.save(EventRecord(eventID: id, terms: terms, createdAt: midsummer, changedAt: midsummer))
    }
}
