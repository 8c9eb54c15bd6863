/// The statements of `SeriesStore`.
///
/// Up to 32 meters each: every id of the list is a range of the primary key (meter_id, start_time).
enum SeriesStatements {
    static let steps: StaticString = """
        SELECT (TO_SECONDS(start_time) + ?) DIV ? AS bucket,
            SUM(meter_value) AS energy, COALESCE(SUM(delta_value), 0.0) AS shed, COUNT(*) AS readings,
            SUM(TO_SECONDS(end_time) - TO_SECONDS(start_time)) AS covered, SUM(quality <> 'good') AS flagged,
            MIN(meter_value * 3600 / (TO_SECONDS(end_time) - TO_SECONDS(start_time))) AS lowest,
            MAX(meter_value * 3600 / (TO_SECONDS(end_time) - TO_SECONDS(start_time))) AS highest
        FROM meter_data
        WHERE meter_id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            AND start_time >= ? AND start_time < ?
        GROUP BY bucket
        """

    static let months: StaticString = """
        SELECT EXTRACT(YEAR_MONTH FROM start_time + INTERVAL ? SECOND) AS bucket,
            SUM(meter_value) AS energy, COALESCE(SUM(delta_value), 0.0) AS shed, COUNT(*) AS readings,
            SUM(TO_SECONDS(end_time) - TO_SECONDS(start_time)) AS covered, SUM(quality <> 'good') AS flagged,
            MIN(meter_value * 3600 / (TO_SECONDS(end_time) - TO_SECONDS(start_time))) AS lowest,
            MAX(meter_value * 3600 / (TO_SECONDS(end_time) - TO_SECONDS(start_time))) AS highest
        FROM meter_data
        WHERE meter_id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            AND start_time >= ? AND start_time < ?
        GROUP BY bucket
        """

    static let total: StaticString = """
        SELECT COALESCE(SUM(meter_value), 0.0) AS energy, COALESCE(SUM(delta_value), 0.0) AS shed,
            COUNT(*) AS readings, COALESCE(SUM(TO_SECONDS(end_time) - TO_SECONDS(start_time)), 0) AS covered,
            COALESCE(SUM(quality <> 'good'), 0) AS flagged,
            COALESCE(MIN(meter_value * 3600 / (TO_SECONDS(end_time) - TO_SECONDS(start_time))), 0.0) AS lowest,
            COALESCE(MAX(meter_value * 3600 / (TO_SECONDS(end_time) - TO_SECONDS(start_time))), 0.0) AS highest
        FROM meter_data
        WHERE meter_id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            AND start_time >= ? AND start_time < ?
        """

    /// The power of all of them at each moment.
    static let powers: StaticString = """
        SELECT start_time, end_time, SUM(meter_value * 3600 / (TO_SECONDS(end_time) - TO_SECONDS(start_time))) AS power,
            COUNT(*) AS meters
        FROM meter_data
        WHERE meter_id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            AND start_time >= ? AND start_time < ?
        GROUP BY start_time, end_time
        """

    static let samples: StaticString = """
        SELECT start_time, end_time, meter_value FROM meter_data
        WHERE meter_id = ? AND start_time >= ? AND start_time < ? ORDER BY start_time
        """

    static let days: StaticString = """
        SELECT start_time, end_time, meter_value, delta_value, quality FROM meter_data
        WHERE meter_id = ? AND start_time >= ? AND start_time < ? ORDER BY start_time
        """
}
