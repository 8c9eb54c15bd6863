import MariaDB
import OpenADR
import Synchronization

/// Whose outboxes have something in them, asked for many VENs at once.
///
/// Mostly there are few: then the list of all of them is shorter than that of those who ask, and one statement with no
/// parameter tells everybody.
struct OutboxLookup: Sendable {
    /// Of the list, in VENs.
    private static let longest = 256
    /// Questions about each VEN by itself after the list turned out to be long, before it is tried again.
    private static let patience = 50

    private final class Patience: Sendable {
        let left = Mutex(0)
    }

    private let lookup: GroupedLookup<VENID, Bool>

    init(_ pool: MariaDBPool) {
        let patience = Patience()
        lookup = GroupedLookup(gather: { try? await Task.sleep(for: .milliseconds(3)) }) { vens in
            let triesList = patience.left.withLock { left in
                left = max(0, left - 1)
                return left == 0
            }
            if triesList {
                if let filled = try await Self.all(in: pool) {
                    return Dictionary(uniqueKeysWithValues: vens.map { ($0, filled.contains($0)) })
                }
                patience.left.withLock { $0 = Self.patience }
            }
            return try await Self.filled(among: vens, in: pool)
        }
    }

    func isFilled(_ ven: VENID, then: @escaping @Sendable (Result<Bool, any Error>) -> Void) {
        lookup.find(ven) { found in then(found.map { $0 ?? false }) }
    }

    /// All of them; nil when they are many.
    private static func all(in pool: MariaDBPool) async throws -> Set<VENID>? {
        let rows = try await pool.query("SELECT DISTINCT ven_id FROM outbox LIMIT 257")
        return rows.count > longest ? nil : Set(try rows.map { VENID(try $0.text("ven_id")) })
    }

    private static func filled(among vens: [VENID], in pool: MariaDBPool) async throws -> [VENID: Bool] {
        try await pool.withConnection { connection in
            var filled: [VENID: Bool] = [:]
            for group in vens.groups(of: 64) {
                let rows = try connection.query(
                    """
                    SELECT DISTINCT ven_id FROM outbox WHERE ven_id IN (
                        ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                        ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """, group.map { .text($0.rawValue) })
                for row in rows { filled[VENID(try row.text("ven_id"))] = true }
            }
            return filled
        }
    }
}
