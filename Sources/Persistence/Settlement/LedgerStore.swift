public import DemandResponse
public import MariaDB
public import Measures

/// The ledger in the database (tables `ledger_transactions`, `ledger_postings`, `ledger_head`): append-only, every
/// transaction balanced and chained to the one before it by a hash.
public struct LedgerStore: Sendable {
    /// Another booking has the same key and revision.
    public struct Conflict: Error, Hashable, Sendable {
        public let key: LedgerKey
        public let revision: Int
    }

    private let pool: MariaDBPool
    private let hash: Ledger.Hash

    /// `sha256` gives 32 bytes.
    public init(_ pool: MariaDBPool, sha256: @escaping Ledger.Hash) {
        self.pool = pool
        hash = sha256
    }

    /// Books all entries or none, in their order, and returns how many are new.
    ///
    /// An entry that is booked already (same key, revision, state and postings) is passed over: repeating a booking whose
    /// outcome is unknown does no harm. Throws `Conflict` for other postings under a booked revision, and `LedgerError`
    /// where revision or state do not follow what the key has.
    public func append(_ entries: [LedgerEntry]) async throws -> Int {
        try await keepingRules {
            try await pool.transaction { connection in
                let head = try connection.query("SELECT entries, hash FROM ledger_head WHERE only_row = 1 FOR UPDATE")
                guard let row = head.first else { throw StoredDataError(column: "ledger_head") }
                var count = try row.integer("entries")
                var last = try row.bytes("hash")
                var booked = 0
                for entry in entries where try !isBooked(entry, connection) {
                    let hash = Ledger.chainedHash(entry, last, hash)
                    count += 1
                    try LedgerRows.insert(
                        ChainedEntry(entry: entry, previousHash: last, hash: hash), at: count, connection)
                    last = hash
                    booked += 1
                }
                if booked > 0 {
                    try connection.execute(
                        "UPDATE ledger_head SET entries = ?, hash = ? WHERE only_row = 1",
                        [.integer(count), .bytes(last)])
                }
                return booked
            }
        }
    }

    /// Books the next entries of keys. `next` sees the entries that a key has, and gives none where nothing is new.
    /// Returns how many were booked.
    static func append(
        _ keys: [LedgerKey], hash: Ledger.Hash, _ connection: isolated MariaDBConnection,
        next: (LedgerKey, [LedgerEntry]) throws -> LedgerEntry?
    ) throws -> Int {
        let head = try connection.query("SELECT entries, hash FROM ledger_head WHERE only_row = 1 FOR UPDATE")
        guard let row = head.first else { throw StoredDataError(column: "ledger_head") }
        let before = try row.integer("entries")
        var (count, last) = (before, try row.bytes("hash"))
        for key in keys {
            let known = try LedgerRows.entries(of: key, connection).map(\.entry)
            guard let new = try next(key, known) else { continue }
            // The rules of what may follow what are the ledger's own.
            var ledger = Ledger { _ in [] }
            for entry in known + [new] { try ledger.append(entry) }
            let chained = ChainedEntry(entry: new, previousHash: last, hash: Ledger.chainedHash(new, last, hash))
            count += 1
            last = chained.hash
            try LedgerRows.insert(chained, at: count, connection)
        }
        guard count > before else { return 0 }
        try connection.execute(
            "UPDATE ledger_head SET entries = ?, hash = ? WHERE only_row = 1", [.integer(count), .bytes(last)])
        return Int(count - before)
    }

    /// Whether the entry needs no booking; throws when it must not be booked.
    private func isBooked(_ entry: LedgerEntry, _ connection: isolated MariaDBConnection) throws -> Bool {
        let known = try LedgerRows.entries(of: entry.key, connection)
        if let same = known.first(where: { $0.entry.revision == entry.revision })?.entry {
            guard same.state == entry.state, same.postings == entry.postings else {
                throw Conflict(key: entry.key, revision: entry.revision)
            }
            return true
        }
        // The rules of what may follow what are the ledger's own.
        var ledger = Ledger { _ in [] }
        for chained in known { try ledger.append(chained.entry) }
        try ledger.append(entry)
        return false
    }

    /// The bookings of an event, in their order.
    public func entries(of event: ProgramEventID) async throws -> [ChainedEntry] {
        try await pool.withConnection { try LedgerRows.entries(of: event, $0) }
    }

    /// The whole ledger in its order; `Ledger.firstBroken` proves its chain.
    public func entries() async throws -> [ChainedEntry] {
        try await pool.withConnection { try LedgerRows.entries($0) }
    }

    /// What proving the chain found.
    public struct Proof: Hashable, Sendable {
        public let entries: Int64
        /// The first entry that is not what was written, counted from 1; also one that is missing.
        public let firstBroken: Int64?
        /// Hash of the last entry: whoever keeps it can tell later that nothing before it was changed.
        public let head: [UInt8]
    }

    /// Works out every hash again, a thousand entries at a time, in one snapshot.
    public func prove() async throws -> Proof {
        let hash = hash
        return try await pool.transaction { connection in
            let count = try connection.query("SELECT COALESCE(MAX(transaction_id), 0) AS last FROM ledger_transactions")
                .first?.integer("last")
            var (place, head, broken): (Int64, [UInt8], Int64?) = (0, [], nil)
            while place < count ?? 0, broken == nil {
                let entries = try LedgerRows.entries(place + 1...place + 1_000, connection)
                let expected = min(1_000, (count ?? 0) - place)
                if let first = Ledger.firstBroken(entries, after: head, hash: hash) {
                    broken = place + Int64(first) + 1
                } else if entries.count < expected {
                    broken = place + Int64(entries.count) + 1
                }
                head = entries.last?.hash ?? head
                place += 1_000
            }
            return Proof(entries: count ?? 0, firstBroken: broken, head: head)
        }
    }

    /// What every participant has earned in each currency, and in how many events.
    public func balances() async throws -> [(meter: MeterID, reward: Money, events: Int)] {
        try await pool.query(
            """
            SELECT t.meter_id, p.currency, SUM(-p.amount) AS total, COUNT(DISTINCT t.event) AS events
            FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.transaction_id
            WHERE p.account = CONCAT('participant/', t.meter_id) GROUP BY t.meter_id, p.currency
            ORDER BY t.meter_id, p.currency
            """
        ).map { row in
            (
                meter: try row.meter(),
                reward: Money(minorUnits: try row.integer("total"), currency: try row.word("currency")),
                events: Int(try row.integer("events"))
            )
        }
    }

    /// The sum of an account's postings: a participant who is owed money is below zero.
    public func balance(_ account: LedgerAccount, _ currency: Currency) async throws -> Money {
        let rows = try await pool.query(
            """
            SELECT COALESCE(SUM(amount), 0) AS total FROM ledger_postings WHERE account = ? AND currency = ?
            """, [.text(LedgerRows.name(account)), .text(currency.rawValue)])
        return Money(minorUnits: try rows.first?.integer("total") ?? 0, currency: currency)
    }

    /// What an event gave its participants together, per currency.
    public func rewards(of event: ProgramEventID) async throws -> [Money] {
        try await pool.query(
            """
            SELECT p.currency, SUM(-p.amount) AS total
            FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.transaction_id
            WHERE t.event = ? AND p.account LIKE 'participant/%' GROUP BY p.currency ORDER BY p.currency
            """, [.text(event.rawValue)]
        ).map { Money(minorUnits: try $0.integer("total"), currency: try $0.word("currency")) }
    }
}
