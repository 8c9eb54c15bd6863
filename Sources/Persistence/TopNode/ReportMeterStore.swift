public import DemandResponse
public import MariaDB
public import OpenADR

/// Which data point of which VEN feeds which meter (table `report_meters`).
public struct ReportMeterStore: Sendable {
    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// From now on, what the VEN reports under `rID` are readings of the meter. The VEN has to be admitted; a meter has
    /// one data point.
    public func connect(_ rID: RID, of ven: VENID, to meter: MeterID) async throws {
        _ = try await pool.transaction { connection in
            try connection.execute(
                "DELETE FROM report_meters WHERE meter_id = ? OR (ven_id = ? AND r_id = ?)",
                [.meter(meter), .text(ven.rawValue), .text(rID.rawValue)])
            return try connection.execute(
                "INSERT INTO report_meters (ven_id, r_id, meter_id) VALUES (?, ?, ?)",
                [.text(ven.rawValue), .text(rID.rawValue), .meter(meter)])
        }
    }

    /// Nil where the data point feeds none.
    public func meter(of rID: RID, ven: VENID) async throws -> MeterID? {
        try await pool.query(
            "SELECT meter_id FROM report_meters WHERE ven_id = ? AND r_id = ?",
            [.text(ven.rawValue), .text(rID.rawValue)]
        ).first.map { try $0.meter() }
    }

    public func disconnect(_ meter: MeterID) async throws {
        _ = try await pool.execute("DELETE FROM report_meters WHERE meter_id = ?", [.meter(meter)])
    }
}
