public import Accounts
public import DemandResponse
public import MariaDB
public import Measures

/// Work that goes on after the answer (table `portal_jobs`): a replica takes it with a lease, and when that replica dies,
/// another one begins again.
public struct JobStore: Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        case waiting
        case running
        case done
        case failed
    }

    /// How a file is read, where that differs from what is found in it, and what becomes of bad rows.
    public struct ImportWork: Hashable, Codable, Sendable {
        /// Wh, kWh, MWh, W, kW or MW; nil: as the file says.
        public var unit: String?
        /// A zone of the IANA database, or UTC; nil: as found, or the meter's.
        public var zone: String?
        /// Whether times are the ends of their intervals; nil: as found.
        public var stampsEnd: Bool?
        /// Imports the good rows of a file that has bad ones; otherwise all or nothing.
        public var skipsBadRows: Bool

        public init(unit: String? = nil, zone: String? = nil, stampsEnd: Bool? = nil, skipsBadRows: Bool = false) {
            self.unit = unit
            self.zone = zone
            self.stampsEnd = stampsEnd
            self.skipsBadRows = skipsBadRows
        }
    }

    public struct Job: Hashable, Sendable {
        public let id: Int64
        public let account: UserID
        /// E-mail address of who asked.
        public let email: String
        public let title: String
        public let state: State
        /// Bytes read, and in all.
        public let done: Int64
        public let total: Int64
        public let batch: BatchID?
        /// What came of it; empty until then.
        public let result: String
        public let createdAt: Instant
        public let finishedAt: Instant?
        public let work: ImportWork
        public let upload: Int64?
        public let attempts: Int
    }

    /// A replica that says nothing for so long is dead.
    static let lease = TimeSpan.seconds(60)
    /// A job that was begun so often and never ended kills its replicas.
    static let attempts: Int64 = 3

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Asks for an import of a file that was sent.
    public func add(
        _ work: ImportWork, upload: UploadStore.Upload, origin: Origin
    ) async throws -> Int64 {
        let order = try JSONColumn.value(work)
        return try await pool.transaction { connection in
            let id = try connection.execute(
                """
                INSERT INTO portal_jobs (kind, account_id, upload_id, title, work_order, total, created_at)
                VALUES ('import', ?, ?, ?, ?, ?, ?)
                """,
                [
                    .integer(upload.account.rawValue), .integer(upload.id), .text(upload.file), order,
                    .count(upload.content.count), .instant(origin.now),
                ]
            ).lastInsertID
            try ChangeNote(action: "import.ask", subject: "job \(id)", detail: upload.file).write(origin, connection)
            return id
        }
    }

    /// One's own, the newest first; those who run the system see all of them.
    public func jobs(
        _ id: Int64? = nil, seenBy viewer: Viewer, _ page: PartRequest<Int64> = PartRequest()
    ) async throws -> Part<Job> {
        let rows = try await pool.query(
            """
            SELECT j.job_id, j.account_id, u.email, j.upload_id, j.title, j.work_order, j.state, j.done, j.total,
                j.batch_id, j.result, j.created_at, j.finished_at, j.attempts
            FROM portal_jobs j JOIN users u ON u.account_id = j.account_id
            WHERE j.job_id < ? AND (? IS NULL OR j.job_id = ?) AND (? OR j.account_id = ?)
            ORDER BY j.job_id DESC LIMIT ?
            """,
            [
                .integer(page.after ?? .max), .optional(id) { .integer($0) }, .optional(id) { .integer($0) },
                .boolean(viewer.may(.seeSystem)), .integer(viewer.account.rawValue), .count(page.limit + 1),
            ])
        return Part(try rows.map(Self.job), limit: page.limit)
    }

    // MARK: Working

    /// Takes the oldest job that nobody works on.
    public func claim(now: Instant) async throws -> Job? {
        try await pool.transaction(isolation: .readCommitted) { connection in
            try connection.execute(
                """
                UPDATE portal_jobs SET state = 'failed', finished_at = ?, lease_until = NULL,
                    result = 'It was begun three times and never came to its end.'
                WHERE state = 'running' AND lease_until < ? AND attempts >= ?
                """, [.instant(now), .instant(now), .integer(Self.attempts)])
            let rows = try connection.query(
                """
                SELECT j.job_id, j.account_id, u.email, j.upload_id, j.title, j.work_order, j.state, j.done, j.total,
                    j.batch_id, j.result, j.created_at, j.finished_at, j.attempts
                FROM portal_jobs j JOIN users u ON u.account_id = j.account_id
                WHERE j.state = 'waiting' OR (j.state = 'running' AND j.lease_until < ?)
                ORDER BY j.job_id LIMIT 1 FOR UPDATE
                """, [.instant(now)])
            guard let row = rows.first else { return nil }
            try connection.execute(
                "UPDATE portal_jobs SET state = 'running', attempts = attempts + 1, lease_until = ? WHERE job_id = ?",
                [.instant(now + Self.lease), try row.value("job_id")])
            return try Self.job(row)
        }
    }

    /// Says how far it is, and that the replica lives.
    public func progress(_ id: Int64, done: Int, now: Instant) async throws {
        _ = try await pool.execute(
            "UPDATE portal_jobs SET done = ?, lease_until = ? WHERE job_id = ? AND state = 'running'",
            [.count(done), .instant(now + Self.lease), .integer(id)])
    }

    public func finish(
        _ id: Int64, _ state: State, result: String, batch: BatchID? = nil, now: Instant
    ) async throws {
        _ = try await pool.execute(
            """
            UPDATE portal_jobs SET state = ?, result = ?, batch_id = ?, finished_at = ?, lease_until = NULL,
                done = IF(? = 'done', total, done)
            WHERE job_id = ?
            """,
            [
                .text(state.rawValue), .text(String(result.prefix(4_000))),
                .optional(batch) { .integer($0.rawValue) }, .instant(now), .text(state.rawValue), .integer(id),
            ])
    }

    private static func job(_ row: MariaDBRow) throws -> Job {
        Job(
            id: try row.integer("job_id"), account: UserID(try row.integer("account_id")),
            email: try row.text("email"), title: try row.text("title"), state: try row.word("state"),
            done: try row.integer("done"), total: try row.integer("total"),
            batch: try row.optionalInteger("batch_id").map(BatchID.init), result: try row.text("result"),
            createdAt: try row.instant("created_at"), finishedAt: try row.optionalInstant("finished_at"),
            work: try row.json("work_order"), upload: try row.optionalInteger("upload_id"),
            attempts: Int(try row.integer("attempts")))
    }
}
