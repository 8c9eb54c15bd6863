public import DemandResponse
public import MariaDB
public import Measures

/// What a plot of a meter shows beside its readings. The caller has made sure that the meter may be seen.
public struct PlotQueries: Sendable {
    let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// The baseline of events, interval by interval.
    public func baseline(
        of meter: MeterID, in window: TimeWindow
    ) async throws -> [(window: TimeWindow, energy: WattHours)] {
        try await pool.query(
            """
            SELECT start_time, end_time, prediction_value FROM drp_periods
            WHERE meter_id = ? AND start_time >= ? AND start_time < ? ORDER BY start_time
            """, [.meter(meter), .instant(window.start), .instant(window.end)]
        ).map { (try $0.window(), WattHours(try $0.double("prediction_value"))) }
    }

    /// Events that called the meter's VEN, or were settled with the meter, and that touch the window. Open-ended ones end
    /// with it.
    public func events(
        of meter: MeterID, in window: TimeWindow
    ) async throws -> [(id: String, window: TimeWindow)] {
        try await pool.query(
            """
            SELECT e.event_id, e.start_time, e.steps FROM events e
            WHERE e.cancelled_at IS NULL AND e.start_time < ? AND e.start_time >= ?
                AND (EXISTS (SELECT 1 FROM event_participations p JOIN report_meters r ON r.ven_id = p.ven_id
                        WHERE p.event_id = e.event_id AND r.meter_id = ?)
                    OR EXISTS (SELECT 1 FROM drp_periods d WHERE d.event = e.event_id AND d.meter_id = ?))
            ORDER BY e.start_time LIMIT 200
            """,
            [
                .instant(window.end), .instant(window.start - .days(2)), .meter(meter), .meter(meter),
            ]
        ).compactMap { row in
            let start = try row.instant("start_time")
            let length = try row.json("steps", as: [Int64].self).reduce(0, +)
            let end = length == 0 ? window.end : start + TimeSpan(seconds: length)
            guard end > window.start, let shown = TimeWindow(start: max(start, window.start), end: min(end, window.end))
            else { return nil }
            return (try row.text("event_id"), shown)
        }
    }
}

extension PlotQueries {
    /// The meters that a VEN reports for.
    public func meters(of ven: String) async throws -> [MeterID] {
        try await pool.query("SELECT meter_id FROM report_meters WHERE ven_id = ? ORDER BY meter_id", [.text(ven)])
            .map { try $0.meter() }
    }
}
