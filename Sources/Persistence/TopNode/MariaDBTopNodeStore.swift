public import MariaDB
public import VirtualTopNode

/// What the virtual top node keeps, in MariaDB (tables `vens`, `events`, `event_participations`, `opts`, ...).
///
/// Transactions run at REPEATABLE READ with `innodb_snapshot_isolation`: reading a VEN or an event locks its row, and a
/// write to any other row that changed since the transaction's first read fails and the transaction runs again. So two
/// transactions never overwrite what the other one did.
public struct MariaDBTopNodeStore: TopNodeStore {
    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    public func transaction<Answer: Sendable>(
        _ body: @Sendable (any TopNodeTransaction) async throws -> Answer
    ) async throws -> Answer {
        try await pool.transaction { connection in
            try await body(MariaDBTopNodeTransaction(connection: connection))
        }
    }
}

/// The rows of one transaction; the other files of this folder say how each kind is read and written.
struct MariaDBTopNodeTransaction: TopNodeTransaction {
    let connection: MariaDBConnection
}
