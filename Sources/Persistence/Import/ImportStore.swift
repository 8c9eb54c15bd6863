import DemandResponse
public import MariaDB
public import Measures
public import MeterData

/// Brings files of meter values into the database, and takes them back (tables `import_batches`, `meter_data`, ...).
///
/// An import is idempotent: the same file again does nothing, one that was interrupted goes on. What it replaces is kept
/// (`keep_raw`), so that it can be undone.
public struct ImportStore: Sendable {
    /// Values of one transaction.
    static let batchSize = 10_000
    /// Transactions at the same time, each with meters of its own.
    static let lanes = 4
    /// Transactions of one lane that may wait.
    static let laneDepth = 8
    /// The most values of an atomic import.
    public static let largestAtomic = 500_000

    let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Imports a table.
    ///
    /// - Parameters:
    ///   - plan: how the table is read.
    ///   - now: when the import states its values: a later statement replaces an earlier one.
    ///   - nextBytes: the next piece of the file, empty at its end.
    ///   - progress: called with the bytes that were read until now.
    /// - Throws: `ImportRefusal`, `ImportError`, `MariaDBError`, `MeterDataError` for an unknown zone.
    public func run(
        _ order: ImportOrder, plan: ImportPlan, now: Instant, nextBytes: @escaping () throws -> [UInt8],
        progress: (Int) -> Void = { _ in }
    ) async throws -> ImportReport {
        let directory = try await MeterDirectory(pool, order, namesMeters: plan.namesMeters, plan: plan)
        var source = try TableSource(plan, zone: directory.zoneRules, nextBytes: nextBytes)
        var report = try await run(order, plan: plan, directory: directory, now: now, progress: progress) {
            let chunk = try source.next()
            return (chunk, source.reader.problems, source.reader.problemCount)
        }
        report.rows = source.reader.rows
        report.missing = source.reader.missing
        return report
    }

    /// Imports values that were read by other means, such as Green Button XML; the file names its meter or none.
    public func run(
        _ order: ImportOrder, values: [ImportedValue], plan: ImportPlan, now: Instant
    ) async throws -> ImportReport {
        let directory = try await MeterDirectory(pool, order, namesMeters: false, plan: plan)
        var rest = values[...]
        var report = try await run(order, plan: plan, directory: directory, now: now, progress: { _ in }) {
            guard !rest.isEmpty else { return (nil, [], 0) }
            let chunk = ImportChunk(values: Array(rest.prefix(Self.batchSize)), bytes: 0)
            rest = rest.dropFirst(Self.batchSize)
            return (chunk, [], 0)
        }
        report.rows = values.count
        return report
    }

    /// What was read until now, and what could not be taken.
    private typealias Pull = () throws -> (chunk: ImportChunk?, problems: [RowProblem], count: Int)

    private func run(
        _ order: ImportOrder, plan: ImportPlan, directory: MeterDirectory, now: Instant, progress: (Int) -> Void,
        _ pull: Pull
    ) async throws -> ImportReport {
        var report = ImportReport()
        if !order.isDryRun, !order.repeats, let known = try await known(order.digest) {
            report.batch = known
            report.isRepetition = true
            return report
        }
        var directory = directory
        var writer: ImportWriter?
        if !order.isDryRun, !order.isAtomic {
            writer = ImportWriter(pool, plan: plan, batch: try await begin(order, plan), recordedAt: now)
        }
        var held: [ImportWriter.Value] = []
        do {
            while true {
                let (chunk, problems, count) = try pull()
                report.problems = problems
                report.refused = count
                guard let chunk else { break }
                try Task.checkCancellation()
                var placed: [ImportWriter.Value] = []
                placed.reserveCapacity(chunk.values.count)
                var named: (name: String, meter: MeterID)?
                for value in chunk.values {
                    let known = named.flatMap { $0.name == value.meter ? $0.meter : nil }
                    let meter = if let known { known } else { try await directory.meter(value.meter) }
                    if known == nil { named = (value.meter, meter) }
                    placed.append(.init(meter: meter, value))
                    report.note(value)
                }
                if order.isAtomic {
                    held += placed
                    guard held.count <= Self.largestAtomic else {
                        throw ImportRefusal.tooLarge(limit: Self.largestAtomic)
                    }
                } else {
                    try await writer?.add(placed)
                }
                progress(chunk.bytes)
            }
            report.meters = directory.used.sorted()
            report.createdMeters = directory.created.sorted()
            if order.isAtomic, !order.isDryRun {
                guard report.refused == 0 else {
                    throw ImportRefusal.problems(report.problems, count: report.refused)
                }
                let batch = try await begin(order, plan)
                let atomic = ImportWriter(pool, plan: plan, batch: batch, recordedAt: now)
                try await atomic.writeAtOnce(held)
                writer = atomic
            }
            try await writer?.finish()
        } catch {
            await writer?.cancel()
            throw error
        }
        if let writer {
            report.batch = writer.batch
            try await end(writer.batch, report, order.actor)
        }
        return report
    }

    // MARK: Batches

    /// The finished batch of the same file.
    private func known(_ digest: [UInt8]) async throws -> BatchID? {
        try await pool.query(
            "SELECT batch_id FROM import_batches WHERE digest = ? AND state = 'done' ORDER BY batch_id LIMIT 1",
            [.bytes(digest)]
        ).first.map { BatchID(try $0.integer("batch_id")) }
    }

    /// A new batch, or the one of an interrupted import of the same file.
    private func begin(_ order: ImportOrder, _ plan: ImportPlan) async throws -> BatchID {
        let plan = try JSONColumn.value(plan)
        return try await pool.transaction { connection in
            // Locking: the import that was killed may still be making its batch at the server.
            let interrupted = try connection.query(
                """
                SELECT batch_id FROM import_batches WHERE digest = ? AND state = 'running' AND plan = ? LIMIT 1 FOR UPDATE
                """,
                [.bytes(order.digest), plan])
            if let row = interrupted.first { return BatchID(try row.integer("batch_id")) }
            let id = try connection.execute(
                "INSERT INTO import_batches (file, digest, plan, actor) VALUES (?, ?, ?, ?)",
                [.text(String(order.file.prefix(190))), .bytes(order.digest), plan, .text(order.actor.name)]
            ).lastInsertID
            return BatchID(id)
        }
    }

    private func end(_ batch: BatchID, _ report: ImportReport, _ actor: Actor) async throws {
        let problems = try JSONColumn.value(report.problems)
        try await pool.transaction { connection in
            try connection.execute(
                """
                UPDATE import_batches SET state = 'done', finished_at = UTC_TIMESTAMP(), values_read = ?, refused = ?,
                    problems = ? WHERE batch_id = ?
                """,
                [.count(report.values), .count(report.refused), problems, .integer(batch.rawValue)])
            try AuditStore.append(
                AuditRecord(
                    actor, "data.import", batch.subject,
                    detail: "\(report.values) values of \(report.meters.count) meters, \(report.refused) refused"),
                connection)
        }
    }

    /// The latest first.
    public func batches(page: PageRequest = PageRequest()) async throws -> Page<ImportBatch> {
        let rows = try await pool.query(
            """
            SELECT batch_id, file, actor, state, started_at, finished_at, values_read, refused, problems
            FROM import_batches WHERE batch_id < ? ORDER BY batch_id DESC LIMIT ?
            """, [.integer(page.after.flatMap { Int64($0.text) } ?? Int64(UInt32.max)), .count(page.limit + 1)])
        let batches = try rows.map { row in
            ImportBatch(
                id: BatchID(try row.integer("batch_id")), file: try row.text("file"),
                actor: Actor(try row.text("actor")), state: try row.word("state"),
                startedAt: try row.instant("started_at"), finishedAt: try row.optionalInstant("finished_at"),
                values: Int(try row.integer("values_read")), refused: Int(try row.integer("refused")),
                problems: try row.json("problems"))
        }
        return Page(batches, page) { String($0.id.rawValue) }
    }
}

extension ImportReport {
    fileprivate mutating func note(_ value: ImportedValue) {
        values += 1
        let end = value.start + value.duration
        let start = min(window?.start ?? value.start, value.start)
        window = TimeWindow(start: start, duration: max(window?.end ?? end, end) - start)
    }
}
