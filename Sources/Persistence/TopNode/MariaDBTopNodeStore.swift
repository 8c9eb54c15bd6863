public import MariaDB
public import OpenADR
public import VirtualTopNode

/// What the virtual top node keeps, in MariaDB (tables `vens`, `events`, `event_participations`, `opts`, ...).
///
/// Transactions run at REPEATABLE READ with `innodb_snapshot_isolation`: reading a VEN or an event locks its row, and a
/// write to any other row that changed since the transaction's first read fails and the transaction runs again. So two
/// transactions never overwrite what the other one did.
public struct MariaDBTopNodeStore: TopNodeStore {
    private let pool: MariaDBPool
    private let idlePollers: GroupedLookup<CertificateDigest, VENID>
    private let outboxes: OutboxLookup

    /// - Parameter lookups: Connections for questions that every poll asks, so that these do not wait behind transactions;
    ///   nil takes those of the pool.
    public init(_ pool: MariaDBPool, lookups: MariaDBPool? = nil) {
        self.pool = pool
        let lookups = lookups ?? pool
        outboxes = OutboxLookup(lookups)
        idlePollers = GroupedLookup(gather: { try? await Task.sleep(for: .milliseconds(3)) }) { certificates in
            // One connection for all of them: a second one would have to be waited for when there is much to do.
            try await lookups.withConnection { connection in
                var found: [CertificateDigest: VENID] = [:]
                for group in CertificateGroup.groups(of: certificates) {
                    for row in try Self.idlePollers(among: group, on: connection) {
                        guard let certificate = CertificateDigest(bytes: try row.bytes("certificate")) else {
                            throw StoredDataError(column: "certificate")
                        }
                        found[certificate] = VENID(try row.text("ven_id"))
                    }
                }
                return found
            }
        }
    }

    public func idlePoller(_ certificate: CertificateDigest) async throws -> VENID? {
        try await idlePollers.value(for: certificate)
    }

    public func hasOutbox(_ ven: VENID, then: @escaping @Sendable (Result<Bool, any Error>) -> Void) {
        outboxes.isFilled(ven, then: then)
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

extension MariaDBTopNodeStore {
    /// One statement for many polls at once, which locks nothing.
    private static func idlePollers(
        among group: CertificateGroup, on connection: isolated MariaDBConnection
    ) throws -> [MariaDBRow] {
        switch group.size {
        case .one:
            try connection.query(
                """
                SELECT certificate, ven_id FROM vens v
                WHERE registration_state = 'registered' AND (transport IS NULL OR transport <> 'httpPush')
                    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.ven_id = v.ven_id) AND certificate = ?
                """, group.parameters)
        case .many:
            try connection.query(
                """
                SELECT certificate, ven_id FROM vens v
                WHERE registration_state = 'registered' AND (transport IS NULL OR transport <> 'httpPush')
                    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.ven_id = v.ven_id) AND certificate IN (
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, group.parameters)
        }
    }
}
