import MariaDB
import Measures
import OpenADR
import VirtualTopNode

extension MariaDBTopNodeTransaction {
    func pushState(of ven: VENID) async throws -> PushState {
        try await connection.query(
            "SELECT failures, paused_until, claimed_until FROM push_states WHERE ven_id = ?", [.text(ven.rawValue)]
        ).first.map { row in
            PushState(
                venID: ven, failures: Int(try row.integer("failures")),
                pausedUntil: try row.optionalInstant("paused_until"),
                claimedUntil: try row.optionalInstant("claimed_until"))
        } ?? PushState(venID: ven)
    }

    func save(_ state: PushState) async throws {
        try await connection.execute(
            """
            INSERT INTO push_states (ven_id, failures, paused_until, claimed_until) VALUES (?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE failures = VALUES(failures), paused_until = VALUES(paused_until),
                claimed_until = VALUES(claimed_until)
            """,
            [
                .text(state.venID.rawValue), .count(state.failures), .optional(state.pausedUntil) { .instant($0) },
                .optional(state.claimedUntil) { .instant($0) },
            ])
    }

    func pushesWaiting(now: Instant) async throws -> [VENID] {
        try await connection.query(
            """
            SELECT DISTINCT v.ven_id FROM vens v JOIN outbox o ON o.ven_id = v.ven_id
                LEFT JOIN push_states s ON s.ven_id = v.ven_id
            WHERE v.transport = 'httpPush' AND v.registration_state IN ('registered', 'reregistering', 'cancelling')
                AND (s.paused_until IS NULL OR s.paused_until <= ?)
                AND (s.claimed_until IS NULL OR s.claimed_until <= ?)
            ORDER BY v.ven_id
            """, [.instant(now), .instant(now)]
        ).map { VENID(try $0.text("ven_id")) }
    }
}
