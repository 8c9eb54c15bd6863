public import DemandResponse
public import MariaDB
public import Measures

/// Files of readings that came with a browser or a program, until they are imported (table `portal_uploads`).
public struct UploadStore: Sendable {
    /// Bytes of a file, at most (W9).
    public static let largest = 10 << 20
    /// So long a file waits.
    static let memory = TimeSpan.days(1)

    /// A file that waits.
    public struct Upload: Hashable, Sendable {
        public let id: Int64
        public let account: UserID
        /// The meter of a file that names none.
        public let meter: MeterID?
        public let file: String
        /// SHA-256
        public let digest: [UInt8]
        public let content: [UInt8]
        public let createdAt: Instant
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Keeps a file; those that nobody wanted for a day go.
    public func keep(
        _ content: [UInt8], named file: String, digest: [UInt8], meter: MeterID?, of account: UserID, now: Instant
    ) async throws -> Int64 {
        try await pool.transaction { connection in
            try connection.execute(
                """
                DELETE FROM portal_uploads WHERE created_at < ? AND NOT EXISTS (SELECT 1 FROM portal_jobs j
                    WHERE j.upload_id = portal_uploads.upload_id AND j.state IN ('waiting', 'running'))
                """, [.instant(now - Self.memory)])
            return try connection.execute(
                """
                INSERT INTO portal_uploads (account_id, meter_id, file, digest, content, created_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    .integer(account.rawValue), .optional(meter) { .meter($0) }, .text(String(file.prefix(190))),
                    .bytes(digest), .bytes(content), .instant(now),
                ]
            ).lastInsertID
        }
    }

    /// Nil for a file that is not the account's, or has gone.
    public func upload(_ id: Int64, of account: UserID) async throws -> Upload? {
        try await pool.query(
            """
            SELECT upload_id, account_id, meter_id, file, digest, content, created_at FROM portal_uploads
            WHERE upload_id = ? AND account_id = ?
            """, [.integer(id), .integer(account.rawValue)]
        ).first.map { row in
            Upload(
                id: try row.integer("upload_id"), account: UserID(try row.integer("account_id")),
                meter: try row.optionalInteger("meter_id").map(MeterID.init), file: try row.text("file"),
                digest: try row.bytes("digest"), content: try row.bytes("content"),
                createdAt: try row.instant("created_at"))
        }
    }

    /// The file is imported, and is not needed any more.
    public func forget(_ id: Int64) async throws {
        _ = try await pool.execute("DELETE FROM portal_uploads WHERE upload_id = ?", [.integer(id)])
    }
}
