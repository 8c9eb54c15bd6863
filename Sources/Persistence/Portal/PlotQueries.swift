public import Accounts
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

    /// The load of the viewer's meters that take part in an event: the sum at each moment, and how many meters are in it.
    public func load(
        ofEvent event: String, in window: TimeWindow, seenBy viewer: Viewer
    ) async throws -> [(start: Instant, power: Watts, meters: Int)] {
        try await pool.transaction { connection in
            let meters = try connection.query(
                """
                SELECT DISTINCT r.meter_id FROM event_participations p JOIN report_meters r ON r.ven_id = p.ven_id
                    JOIN meter_map a ON a.meter_id = r.meter_id
                WHERE p.event_id = ? AND p.withdrawn_modification IS NULL AND a.entity_id = ?
                """, [.text(event), .integer(viewer.entity)]
            ).map { try $0.meter() }
            var sum = LoadSum()
            for group in meters.groups(of: SeriesStore.metersPerStatement) {
                let rows = try connection.query(
                    SeriesStatements.powers,
                    group.map { .meter($0) } + [.instant(window.start), .instant(window.end)])
                for row in rows {
                    sum.add(try row.double("power"), of: Int(try row.integer("meters")), in: try row.window())
                }
            }
            return sum.steps
        }
    }

    /// The sum of the baselines of the viewer's meters in an event.
    public func baseline(
        ofEvent event: String, seenBy viewer: Viewer
    ) async throws -> [(start: Instant, power: Watts, meters: Int)] {
        var sum = LoadSum()
        let rows = try await pool.query(
            """
            SELECT d.start_time, d.end_time,
                SUM(d.prediction_value * 3600 / TIMESTAMPDIFF(SECOND, d.start_time, d.end_time)) AS power,
                COUNT(*) AS meters
            FROM drp_periods d JOIN meter_map a ON a.meter_id = d.meter_id
            WHERE d.event = ? AND a.entity_id = ? GROUP BY d.start_time, d.end_time
            """, [.text(event), .integer(viewer.entity)])
        for row in rows {
            sum.add(try row.double("power"), of: Int(try row.integer("meters")), in: try row.window())
        }
        return sum.steps
    }
}
