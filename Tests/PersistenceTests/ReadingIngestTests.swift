import DemandResponse
import MariaDB
import Measures
import MeterData
import Synchronization
import Testing

@testable import Persistence

/// A stream of readings and its acknowledgements.
@Suite struct ReadingIngestTests {
    /// Answers in the order in which they came.
    private final class Answers: Sendable {
        private let all = Mutex<[ReadingIngest.Answer]>([])
        func add(_ answer: ReadingIngest.Answer) { all.withLock { $0.append(answer) } }
        var lines: [Int] { all.withLock { $0.compactMap { if case .safe(let line) = $0 { line } else { nil } } } }
        var refused: [Int] {
            all.withLock { $0.compactMap { if case .refused(let row) = $0 { row.line } else { nil } } }
        }
    }

    private func withMeters(_ name: String, _ count: Int, _ body: (MariaDBPool) async throws -> Void) async throws {
        try await withDatabase(name) { pool in
            _ = try await AccountStore(pool).establishDistributor(named: "Grid")
            for index in 0..<count {
                _ = try await MeterStore(pool).create(
                    MeterDescription(name: "m\(index)", zone: "UTC", step: .minutes(15)))
            }
            try await body(pool)
        }
    }

    private func line(_ meter: String, _ index: Int, _ value: Int) -> String {
        let start = midsummer + .minutes(15) * Int64(index)
        return "\(meter),\(start),\(start + .minutes(15)),\(value)\n"
    }

    @Test func `every line is on the disk when it is acknowledged, and refused ones are told`() async throws {
        try await withMeters("ingest", 5) { pool in
            let answers = Answers()
            var limits = ReadingIngest.Limits()
            limits.batch = 7
            let ingest = try await ReadingIngest(pool, limits: limits, now: { midsummer }, answer: answers.add)
            var text = ""
            for index in 0..<200 { text += line("m\(index % 5)", index / 5, index) }
            text += line("nobody", 0, 1) + "m0,yesterday,today,1\n" + line("m0", 0, 1_000)
            // Cut anywhere, as a pipe does.
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: 300) {
                try await ingest.take(Array(bytes[start..<min(start + 300, bytes.count)]))
            }
            try await ingest.finish()
            #expect(answers.lines.last == 203)
            #expect(answers.lines == answers.lines.sorted())
            #expect(answers.refused == [201, 202])
            #expect(try await pool.number("SELECT COUNT(*) FROM meter_data") == 200)
            // The last of equal times counts.
            #expect(
                try await pool.number(
                    """
                    SELECT CAST(meter_value AS SIGNED) FROM meter_data d JOIN meters m ON m.meter_id = d.meter_id
                    WHERE m.name = 'm0' ORDER BY start_time LIMIT 1
                    """) == 1_000)
            // Once more changes nothing.
            let again = try await ReadingIngest(pool, limits: limits, now: { midsummer }, answer: { _ in })
            try await again.take(bytes)
            try await again.finish()
            #expect(try await pool.number("SELECT COUNT(*) FROM meter_data") == 200)
        }
    }

    @Test func `a line is safe when all before it are`() {
        var progress = IngestProgress()
        let first = progress.begin(firstLine: 1)
        let second = progress.begin(firstLine: 3)
        progress.read(to: 10)
        #expect(progress.safe == 0)
        progress.end(second)
        #expect(progress.safe == 0)
        let third = progress.begin(firstLine: 11)
        progress.end(first)
        #expect(progress.safe == 10)
        progress.read(to: 12)
        #expect(progress.safe == 10)
        progress.end(third)
        #expect(progress.safe == 12)
    }

    @Test func `what no waiting mends ends the ingest`() async throws {
        try await withMeters("ingest_away", 1) { pool in
            let ingest = try await ReadingIngest(pool, now: { midsummer }, answer: { _ in })
            try await pool.execute("RENAME TABLE meter_data TO meter_data_away")
            await #expect(throws: (any Error).self) {
                try await ingest.take(Array(line("m0", 0, 1).utf8))
                try await ingest.finish()
            }
            try await pool.execute("RENAME TABLE meter_data_away TO meter_data")
        }
    }
}
