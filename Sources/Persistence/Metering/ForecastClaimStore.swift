public import DemandResponse
public import MariaDB
public import Measures

/// Leases of meters (table `forecast_claims`): of several programs on one database, one at a time trains the model of a
/// meter.
public struct ForecastClaimStore: Sendable {
    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Takes a meter; false while another holder has it.
    ///
    /// - Parameters:
    ///   - holder: who asks; the same holder may ask again and gets more time.
    ///   - end: from then on another may take the meter, should the holder never give it back.
    public func claim(_ meter: MeterID, for holder: String, at now: Instant, until end: Instant) async throws -> Bool {
        try await pool.transaction { connection in
            // Assigned from left to right: the end changes only with a holder that is ours by then.
            try connection.execute(
                """
                INSERT INTO forecast_claims (meter_id, holder, expires_at) VALUES (?, ?, ?)
                ON DUPLICATE KEY UPDATE holder = IF(expires_at <= ?, VALUES(holder), holder),
                    expires_at = IF(holder = VALUES(holder), VALUES(expires_at), expires_at)
                """, [.meter(meter), .text(holder), .instant(end), .instant(now)])
            let rows = try connection.query(
                "SELECT holder FROM forecast_claims WHERE meter_id = ? FOR UPDATE", [.meter(meter)])
            return try rows.first?.text("holder") == holder
        }
    }

    /// Gives a meter back; nothing happens if another holder has it by now.
    public func release(_ meter: MeterID, by holder: String) async throws {
        try await pool.transaction { connection in
            _ = try connection.execute(
                "DELETE FROM forecast_claims WHERE meter_id = ? AND holder = ?", [.meter(meter), .text(holder)])
        }
    }
}
