public import DemandResponse
import MariaDB
public import Measures

extension PredictionStore {
    /// What the readings say that an event's participants did without: the sum of prediction minus reading over all
    /// intervals that have both.
    public func shed(in event: ProgramEventID) async throws -> WattHours {
        let rows = try await pool.query(
            """
            SELECT COALESCE(SUM(p.prediction_value - d.meter_value), 0.0) AS shed
            FROM drp_periods p JOIN meter_data d
                ON d.meter_id = p.meter_id AND d.start_time = p.start_time AND d.end_time = p.end_time
            WHERE p.event = ?
            """, [.text(event.rawValue)])
        return WattHours(try rows.first?.double("shed") ?? 0)
    }
}
