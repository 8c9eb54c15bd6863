import DemandResponse
import MariaDB
import Measures

/// The rows of a booking.
enum LedgerRows {
    static func insert(
        _ chained: ChainedEntry, at position: Int64, _ connection: isolated MariaDBConnection
    ) throws {
        let entry = chained.entry
        try connection.execute(
            """
            INSERT INTO ledger_transactions (transaction_id, program_id, event, meter_id, formula_version, revision,
                state, audit, recorded_at, previous_hash, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .integer(position), .integer(entry.key.program.rawValue), .text(entry.key.event.rawValue),
                .meter(entry.key.meter), .text(entry.key.formulaVersion), .count(entry.revision),
                .text(entry.state.rawValue), try JSONColumn.value(entry.audit), .instant(entry.recordedAt),
                .bytes(chained.previousHash), .bytes(chained.hash),
            ])
        try connection.executeBatch(
            "INSERT INTO ledger_postings (transaction_id, line, account, amount, currency) VALUES (?, ?, ?, ?, ?)",
            rows: entry.postings.enumerated().map { line, posting in
                [
                    .integer(position), .count(line), .text(name(posting.account)),
                    .integer(posting.amount.minorUnits), .text(posting.amount.currency.rawValue),
                ]
            })
        // From here on it never changes; the trigger checks that it adds up.
        try connection.execute(
            "UPDATE ledger_transactions SET sealed = TRUE WHERE transaction_id = ?", [.integer(position)])
    }

    static func entries(
        of key: LedgerKey, _ connection: isolated MariaDBConnection
    ) throws -> [ChainedEntry] {
        try assemble(
            try connection.query(
                """
                SELECT t.transaction_id, t.program_id, t.event, t.meter_id, t.formula_version, t.revision, t.state,
                    t.audit, t.recorded_at, t.previous_hash, t.hash, p.account, p.amount, p.currency
                FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.transaction_id
                WHERE t.event = ? AND t.meter_id = ? AND t.program_id = ? AND t.formula_version = ?
                ORDER BY t.transaction_id, p.line
                """,
                [
                    .text(key.event.rawValue), .meter(key.meter), .integer(key.program.rawValue),
                    .text(key.formulaVersion),
                ]))
    }

    static func entries(
        of event: ProgramEventID, _ connection: isolated MariaDBConnection
    ) throws -> [ChainedEntry] {
        try assemble(
            try connection.query(
                """
                SELECT t.transaction_id, t.program_id, t.event, t.meter_id, t.formula_version, t.revision, t.state,
                    t.audit, t.recorded_at, t.previous_hash, t.hash, p.account, p.amount, p.currency
                FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.transaction_id
                WHERE t.event = ? ORDER BY t.transaction_id, p.line
                """, [.text(event.rawValue)]))
    }

    /// The entries of some places, counted from 1.
    static func entries(_ places: ClosedRange<Int64>, _ connection: isolated MariaDBConnection) throws -> [ChainedEntry]
    {
        try assemble(
            try connection.query(
                """
                SELECT t.transaction_id, t.program_id, t.event, t.meter_id, t.formula_version, t.revision, t.state,
                    t.audit, t.recorded_at, t.previous_hash, t.hash, p.account, p.amount, p.currency
                FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.transaction_id
                WHERE t.transaction_id BETWEEN ? AND ? ORDER BY t.transaction_id, p.line
                """, [.integer(places.lowerBound), .integer(places.upperBound)]))
    }

    static func entries(_ connection: isolated MariaDBConnection) throws -> [ChainedEntry] {
        try assemble(
            try connection.query(
                """
                SELECT t.transaction_id, t.program_id, t.event, t.meter_id, t.formula_version, t.revision, t.state,
                    t.audit, t.recorded_at, t.previous_hash, t.hash, p.account, p.amount, p.currency
                FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.transaction_id
                ORDER BY t.transaction_id, p.line
                """))
    }

    /// Rows of one transaction follow each other, one for each posting.
    private static func assemble(_ rows: [MariaDBRow]) throws -> [ChainedEntry] {
        var entries: [ChainedEntry] = []
        var start = 0
        while start < rows.count {
            let id = try rows[start].integer("transaction_id")
            var end = start + 1
            while end < rows.count, try rows[end].integer("transaction_id") == id { end += 1 }
            entries.append(try entry(rows[start], postings: try rows[start..<end].map(posting)))
            start = end
        }
        return entries
    }

    private static func entry(_ row: MariaDBRow, postings: [Posting]) throws -> ChainedEntry {
        let key = LedgerKey(
            program: ProgramID(try row.integer("program_id")), event: ProgramEventID(try row.text("event")),
            meter: try row.meter(), formulaVersion: try row.text("formula_version"))
        let entry = try LedgerEntry(
            key: key, revision: Int(try row.integer("revision")), state: try row.word("state"), postings: postings,
            audit: try row.json("audit"), recordedAt: try row.instant("recorded_at"))
        return ChainedEntry(
            entry: entry, previousHash: try row.bytes("previous_hash"), hash: try row.bytes("hash"))
    }

    private static func posting(_ row: MariaDBRow) throws -> Posting {
        Posting(
            account: try account(try row.text("account")),
            amount: Money(minorUnits: try row.integer("amount"), currency: try row.word("currency")))
    }

    static func name(_ account: LedgerAccount) -> String {
        switch account {
        case .participant(let meter): "participant/\(meter.rawValue)"
        case .programRewards(let program): "program-rewards/\(program.rawValue)"
        }
    }

    private static func account(_ name: String) throws -> LedgerAccount {
        let parts = name.split(separator: "/")
        guard parts.count == 2, let number = Int64(parts[1]) else { throw StoredDataError(column: "account") }
        switch parts[0] {
        case "participant": return .participant(MeterID(number))
        case "program-rewards": return .programRewards(ProgramID(number))
        default: throw StoredDataError(column: "account")
        }
    }
}
