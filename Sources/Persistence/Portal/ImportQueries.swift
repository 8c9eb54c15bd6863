public import Accounts
public import DemandResponse
public import MariaDB
public import Measures

/// Imports as a viewer may see them: the distributor's people all of them, others those that touched no meter but theirs.
public struct ImportQueries: Sendable {
    public struct Row: Hashable, Sendable {
        public let batch: ImportBatch
        public let meters: [String]
        public let undoneAt: Instant?
        public let undoneBy: String?
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// The newest first.
    public func imports(
        _ id: BatchID? = nil, seenBy viewer: Viewer, _ page: PartRequest<Int64> = PartRequest()
    ) async throws -> Part<Row> {
        let rows = try await pool.query(
            """
            SELECT b.batch_id, b.file, b.actor, b.state, b.started_at, b.finished_at, b.values_read, b.refused, b.problems,
                b.undone_at, b.undone_by,
                (SELECT GROUP_CONCAT(m.name ORDER BY m.name SEPARATOR '\n') FROM import_batch_meters x
                    JOIN meters m ON m.meter_id = x.meter_id WHERE x.batch_id = b.batch_id) AS meters
            FROM import_batches b
            WHERE b.batch_id < ? AND (? IS NULL OR b.batch_id = ?) AND (? OR (
                EXISTS (SELECT 1 FROM import_batch_meters x WHERE x.batch_id = b.batch_id)
                AND NOT EXISTS (SELECT 1 FROM import_batch_meters x
                    LEFT JOIN meter_map a ON a.meter_id = x.meter_id AND a.entity_id = ?
                    WHERE x.batch_id = b.batch_id AND a.meter_id IS NULL)))
            ORDER BY b.batch_id DESC LIMIT ?
            """,
            [
                .integer(page.after ?? Int64(UInt32.max)), .optional(id) { .integer($0.rawValue) },
                .optional(id) { .integer($0.rawValue) }, .boolean(viewer.may(.seePortfolio)),
                .integer(viewer.entity), .count(page.limit + 1),
            ])
        return Part(try rows.map(Self.row), limit: page.limit)
    }

    /// The meters that a file may be about.
    public func ownMeters(of viewer: Viewer) async throws -> Set<MeterID> {
        Set(
            try await pool.query("SELECT meter_id FROM meter_map WHERE entity_id = ?", [.integer(viewer.entity)])
                .map { try $0.meter() })
    }

    private static func row(_ row: MariaDBRow) throws -> Row {
        Row(
            batch: ImportBatch(
                id: BatchID(try row.integer("batch_id")), file: try row.text("file"),
                actor: Actor(try row.text("actor")), state: try row.word("state"),
                startedAt: try row.instant("started_at"), finishedAt: try row.optionalInstant("finished_at"),
                values: Int(try row.integer("values_read")), refused: Int(try row.integer("refused")),
                problems: try row.json("problems")),
            meters: try row.optionalText("meters")?.split(separator: "\n").map(String.init) ?? [],
            undoneAt: try row.optionalInstant("undone_at"), undoneBy: try row.optionalText("undone_by"))
    }
}
