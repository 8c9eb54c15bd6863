public import MariaDB
public import Measures
public import OpenADR
public import VirtualTopNode

/// The payload log (table `payload_log`).
public struct PayloadLogStore: Sendable {
    /// Which messages to show; nil asks for any.
    public struct Filter: Hashable, Sendable {
        public var venID: VENID?
        public var direction: WireRecord.Direction?
        /// The element's name, such as `oadrPoll`.
        public var message: String?
        public var code: ResponseCode?
        /// Of HTTP.
        public var status: Int?
        /// The first and the last moment.
        public var since: Instant?
        public var until: Instant?
        /// Somewhere in the kept text, in this case of letters.
        public var text: String?
        /// Only what deviates: refused, answered with an error, or tolerated.
        public var onlyTrouble: Bool

        public init(
            venID: VENID? = nil, direction: WireRecord.Direction? = nil, message: String? = nil,
            code: ResponseCode? = nil, status: Int? = nil, since: Instant? = nil, until: Instant? = nil,
            text: String? = nil, onlyTrouble: Bool = false
        ) {
            self.venID = venID
            self.direction = direction
            self.message = message
            self.code = code
            self.status = status
            self.since = since
            self.until = until
            self.text = text
            self.onlyTrouble = onlyTrouble
        }
    }

    /// A record with its place in the log.
    public struct Entry: Hashable, Sendable {
        /// Grows with time, maybe by more than one.
        public let id: Int64
        public let record: WireRecord
        /// Whether the text was longer than what is kept.
        public let isCut: Bool
    }

    let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Adds the records in their order, all or none.
    public func append(_ records: [WireRecord]) async throws {
        guard !records.isEmpty else { return }
        let rows = try records.map(Self.row)
        _ = try await pool.transaction { connection in
            try connection.executeBatch(
                """
                INSERT INTO payload_log (at, direction, ven_id, certificate, message, request_id, status, code, reason,
                    microseconds, size, text, warnings)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, rows: rows)
        }
    }

    /// The last `limit` entries after `entry` that pass the filter, oldest first.
    ///
    /// A row may stand for a run of polls, and is then more than one entry; the statement leaves it to the filter what of it
    /// is shown.
    public func entries(_ filter: Filter, after entry: Int64 = 0, limit: Int) async throws -> [Entry] {
        let text: MariaDBValue = .optional(filter.text) { .text($0) }
        let rows = try await pool.query(
            """
            SELECT entry_id, at, direction, ven_id, certificate, message, request_id, status, code, reason,
                microseconds, size, text, warnings, answer, polls
            FROM payload_log
            WHERE entry_id > ? AND (? IS NULL OR ven_id = ?) AND (? IS NULL OR direction = ? OR polls IS NOT NULL)
                AND (? IS NULL OR message = ? OR polls IS NOT NULL) AND (? IS NULL OR code = ? OR polls IS NOT NULL)
                AND (? IS NULL OR status = ? OR polls IS NOT NULL)
                AND (? IS NULL OR at >= ? OR polls IS NOT NULL) AND (? IS NULL OR at <= ?)
                AND (? IS NULL OR INSTR(text, ?) > 0 OR polls IS NOT NULL)
                AND (? = 0 OR status >= 300 OR code >= 300 OR reason IS NOT NULL OR warnings <> '[]')
                AND (? IS NULL OR at >= ? - INTERVAL 1 HOUR)
                AND (polls IS NULL OR ? IS NULL OR ? IN ('oadrPoll', 'oadrResponse'))
                AND (polls IS NULL OR ? IS NULL OR INSTR(text, ?) > 0 OR INSTR(answer, ?) > 0)
                AND (polls IS NULL OR ((? IS NULL OR ? = 200) AND (? IS NULL OR ? = 200)))
            ORDER BY entry_id DESC LIMIT ?
            """,
            [.integer(entry)]
                + [
                    .optional(filter.venID) { .text($0.rawValue) },
                    .optional(filter.direction) { .text($0.rawValue) }, .optional(filter.message) { .text($0) },
                    .optional(filter.code) { .count($0.rawValue) }, .optional(filter.status) { .count($0) },
                    .optional(filter.since) { .instant($0) }, .optional(filter.until) { .instant($0) }, text,
                ].flatMap { [$0, $0] }
                + [.boolean(filter.onlyTrouble)]
                + Array(repeating: .optional(filter.since) { .instant($0) }, count: 2)
                + Array(repeating: .optional(filter.message) { .text($0) }, count: 2)
                + Array(repeating: text, count: 3)
                + Array(repeating: .optional(filter.code) { .count($0.rawValue) }, count: 2)
                + Array(repeating: .optional(filter.status) { .count($0) }, count: 2) + [.count(limit)])
        let entries = try rows.reversed().flatMap { row in
            guard let run = try Self.run(row) else { return [try Self.entry(row)] }
            let id = try row.integer("entry_id")
            return run.records.filter(filter.passes).map { Entry(id: id, record: $0, isCut: false) }
        }
        // Runs are written when they end.
        return Array(
            entries.enumerated().sorted { ($0.element.record.at, $0.offset) < ($1.element.record.at, $1.offset) }
                .map(\.element).suffix(limit))
    }

    /// The newest entry's place; zero for an empty log.
    public func lastEntry() async throws -> Int64 {
        try await pool.query("SELECT MAX(entry_id) AS newest FROM payload_log").first?.optionalInteger("newest") ?? 0
    }

    /// Forgets at most `limit` entries from before `instant`, and says how many.
    public func purge(before instant: Instant, limit: Int) async throws -> Int {
        // They are in the order of time but for those that were on their way together: a look at the oldest says whether
        // there is anything to forget, so that nothing is searched through for nothing.
        let oldest = try await pool.query("SELECT at FROM payload_log ORDER BY entry_id LIMIT 1").first?.instant("at")
        guard let oldest, oldest < instant else { return 0 }
        return try await pool.execute(
            "DELETE FROM payload_log WHERE at < ? ORDER BY entry_id LIMIT ?", [.instant(instant), .count(limit)]
        ).affectedRows
    }

    private static func row(_ record: WireRecord) throws -> [MariaDBValue] {
        [
            .instant(record.at), .text(record.direction.rawValue), .optional(record.venID) { .text($0.rawValue) },
            .optional(record.certificate) { .bytes($0.bytes) }, .optional(record.message) { .text($0) },
            .optional(record.requestID) { .text($0.rawValue) }, .optional(record.status) { .count($0) },
            .optional(record.code) { .count($0.rawValue) }, .optional(record.reason) { .text($0) },
            .optional(record.microseconds) { .integer($0) }, .count(record.size), .text(record.text),
            record.warnings.isEmpty ? .text("[]") : try JSONColumn.value(record.warnings),
        ]
    }

    private static func entry(_ row: MariaDBRow) throws -> Entry {
        let size = Int(try row.integer("size"))
        var record = WireRecord(
            at: try row.instant("at"), direction: try row.word("direction"),
            venID: try row.optionalText("ven_id").map { VENID($0) },
            certificate: try row.optionalBytes("certificate").flatMap { CertificateDigest(bytes: $0) },
            message: try row.optionalText("message"),
            requestID: try row.optionalText("request_id").map { RequestID($0) },
            status: try row.optionalInteger("status").map { Int($0) },
            code: try row.optionalInteger("code").flatMap { ResponseCode(rawValue: Int($0)) },
            reason: try row.optionalText("reason"), microseconds: try row.optionalInteger("microseconds"),
            warnings: try row.json("warnings"))
        record.text = try row.text("text")
        record.size = size
        return Entry(id: try row.integer("entry_id"), record: record, isCut: record.isCut)
    }
}
