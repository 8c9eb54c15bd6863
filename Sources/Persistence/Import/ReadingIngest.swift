import DemandResponse
public import MariaDB
public import Measures
public import MeterData
import Synchronization

/// Readings that come in a stream, made durable in small transactions on several connections, and acknowledged.
///
/// A row is `meter,start,end,Wh`, times in UTC. A reading that is there already is replaced, so whoever was not
/// acknowledged simply sends again. While the database is away, the ingest waits and tries again, at most for `patience`.
public final class ReadingIngest {
    public struct Limits: Sendable {
        /// Rows of one transaction, at most.
        public var batch = 100
        /// Transactions at the same time.
        public var connections = 8
        public var patience = Duration.seconds(60)

        public init() {}
    }

    /// What becomes of lines.
    public enum Answer: Hashable, Sendable {
        /// Every row that begins on this line or before is on the disk, or was refused.
        case safe(line: Int)
        case refused(RowProblem)
    }

    /// Transactions of one lane that may wait.
    private static let depth = 4

    /// How rows are written.
    public static let plan = ImportPlan(
        delimiter: ",", decimalComma: false, skippedLines: 0, header: ["meter", "start", "end", "wh"],
        layout: .long(time: .startAndEnd(1, 2), value: 3, meter: 0), dateOrder: .yearMonthDay, clock: .utc,
        stampsEnd: false, isDescending: false, unit: .wattHours, values: .intervals, step: 900, notes: [])

    private let pool: MariaDBPool
    private let limits: Limits
    private let meters: [String: MeterID]
    private let now: @Sendable () -> Instant
    private let answer: @Sendable (Answer) -> Void
    private let progress = SharedProgress()
    private var source: TableSource
    private var lanes: WriteLanes

    /// Knows the meters that are there when it begins.
    ///
    /// - Parameters:
    ///   - now: when rows are stated.
    ///   - answer: called from any task, one at a time, with lines in order.
    public init(
        _ pool: MariaDBPool, limits: Limits = Limits(), now: @escaping @Sendable () -> Instant,
        answer: @escaping @Sendable (Answer) -> Void
    ) async throws {
        self.pool = pool
        self.limits = limits
        self.now = now
        self.answer = answer
        meters = try await MeterStore(pool).meters().reduce(into: [:]) { $0[$1.description.name] = $1.id }
        source = try TableSource(Self.plan, zone: { [meters] name in meters[name] == nil ? nil : .utc })
        source.reader.problemLimit = .max
        lanes = WriteLanes(max(limits.connections, 1), depth: Self.depth)
    }

    /// Takes the next bytes; none mean the end. Returns when there is room for more.
    ///
    /// - Throws: `ImportError` for what is no table, `MariaDBError` when the database is away for too long.
    public func take(_ bytes: [UInt8]) async throws {
        let chunk = try source.take(bytes)
        for problem in source.reader.drainProblems() { answer(.refused(problem)) }
        var buffers: [[ImportedValue]] = Array(repeating: [], count: lanes.count)
        for value in chunk.values {
            guard let meter = meters[value.meter] else { continue }
            buffers[Int(meter.rawValue % Int64(lanes.count))].append(value)
        }
        let parts = buffers.map { $0.parts(of: max(limits.batch, 1)) }
        var work: [(lane: Int, rows: [ImportedValue], transaction: Int)] = []
        // One of each lane by turns: whoever sends waits for the lane that is full, and the others should have work then.
        for turn in 0..<(parts.map(\.count).max() ?? 0) {
            for (lane, parts) in parts.enumerated() where turn < parts.count {
                let rows = Array(parts[turn])
                work.append((lane, rows, progress.begin(firstLine: rows[0].line)))
            }
        }
        progress.read(to: source.line, answer)
        for (lane, rows, transaction) in work {
            try await lanes.send(to: lane) { [pool, limits, meters, now, progress, answer] in
                try await Self.write(rows, meters, now(), pool, patience: limits.patience)
                progress.end(transaction, answer)
            }
        }
    }

    /// Returns when everything is on the disk.
    public func finish() async throws {
        try await take([])
        try await lanes.finish()
    }

    /// Ends what is under way; what was acknowledged stays.
    public func cancel() async {
        await lanes.cancel()
    }

    // MARK: Transactions

    private static func write(
        _ rows: [ImportedValue], _ meters: [String: MeterID], _ now: Instant, _ pool: MariaDBPool, patience: Duration
    ) async throws {
        let values = rows.compactMap { row in
            meters[row.meter].map { meter in
                ReadingStore.row(
                    meter, TimeWindow(start: row.start, duration: row.duration), WattHours(row.value), .good,
                    .telemetry, now)
            }
        }
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                return try await keepingRules {
                    try await pool.transaction(isolation: .readCommitted) { try ReadingStore.upsert(values, $0) }
                }
            } catch let error as MariaDBError where isTransient(error) && ContinuousClock.now < deadline {
                // An upsert: when the outcome is not known, once more does no harm.
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private static func isTransient(_ error: MariaDBError) -> Bool {
        switch error.kind {
        case .retryable, .outcomeUnknown, .nodeNotReady, .unreachable, .closed, .poolExhausted: true
        case .constraint, .configuration, .unexpectedData, .other: false
        }
    }
}

/// `IngestProgress` for several tasks; answers come one at a time and in order.
private final class SharedProgress: Sendable {
    private let state = Mutex(IngestProgress())

    func begin(firstLine: Int) -> Int { state.withLock { $0.begin(firstLine: firstLine) } }

    func read(to line: Int, _ answer: (ReadingIngest.Answer) -> Void) { change(answer) { $0.read(to: line) } }

    func end(_ transaction: Int, _ answer: (ReadingIngest.Answer) -> Void) { change(answer) { $0.end(transaction) } }

    private func change(_ answer: (ReadingIngest.Answer) -> Void, _ body: (inout IngestProgress) -> Void) {
        state.withLock { progress in
            let before = progress.safe
            body(&progress)
            if progress.safe > before { answer(.safe(line: progress.safe)) }
        }
    }
}
