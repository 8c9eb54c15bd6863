public import DemandResponse
import MariaDB
public import Measures
import MeterData

extension CleaningStore {
    /// The cleaned series: the readings that begin in the window, and what cleanings took in their places.
    ///
    /// - Parameter version: as it was after that cleaning; nil for the latest.
    public func readings(
        of meter: MeterID, in window: TimeWindow, version: CleaningID? = nil
    ) async throws -> [CleanedReading] {
        try await pool.transaction { connection in
            let range: [MariaDBValue] = [.meter(meter), .instant(window.start), .instant(window.end)]
            // The latest cleaning of each interval that counts comes last.
            var edits: [Instant: Edit] = [:]
            for row in try connection.query(
                """
                SELECT e.start_time, e.end_time, e.raw_value, e.cleaned_value, e.kind
                FROM cleaning_edits e JOIN cleanings c ON c.cleaning_id = e.cleaning_id
                WHERE e.meter_id = ? AND e.start_time >= ? AND e.start_time < ? AND c.undone_at IS NULL
                    AND e.cleaning_id <= ?
                ORDER BY e.cleaning_id
                """, range + [.integer(version?.rawValue ?? Int64(UInt32.max))])
            {
                let edit = try Edit(row)
                edits[edit.window.start] = edit
            }
            var readings: [CleanedReading] = []
            try connection.forEachRow(
                """
                SELECT start_time, end_time, meter_value, delta_value, quality FROM meter_data
                WHERE meter_id = ? AND start_time >= ? AND start_time < ? ORDER BY start_time
                """, range
            ) { row in
                let raw = try row.window()
                let value = try row.double("meter_value")
                let edit = edits.removeValue(forKey: raw.start).flatMap { $0.raw == value ? $0 : nil }
                readings.append(
                    CleanedReading(
                        window: raw, energy: edit.map { $0.cleaned.map { WattHours($0) } } ?? WattHours(value),
                        shed: try row.optionalDouble("delta_value").map { WattHours($0) },
                        quality: try row.word("quality"), edit: edit?.kind))
            }
            // What is left fills gaps.
            for edit in edits.values where edit.raw == nil {
                guard let cleaned = edit.cleaned else { continue }
                readings.append(
                    CleanedReading(
                        window: edit.window, energy: WattHours(cleaned), shed: nil, quality: .estimated, edit: edit.kind
                    ))
            }
            return readings.sorted { $0.window.start < $1.window.start }
        }
    }

    /// What forecasts and settlements may use: the cleaned series, where a suspect reading that nobody mended has no
    /// energy, and neither has one that is not believed.
    public func trustedReadings(of meter: MeterID, in window: TimeWindow) async throws -> [IntervalReading] {
        try await readings(of: meter, in: window).map { reading in
            let isTrusted = reading.edit != nil || reading.quality != .suspect
            return IntervalReading(
                start: reading.window.start, duration: reading.window.duration,
                energy: isTrusted ? reading.energy : nil)
        }
    }

    private struct Edit {
        let window: TimeWindow
        let raw: Double?
        let cleaned: Double?
        let kind: CleaningKind

        init(_ row: MariaDBRow) throws {
            window = try row.window()
            raw = try row.optionalDouble("raw_value")
            cleaned = try row.optionalDouble("cleaned_value")
            kind = try row.word("kind")
        }
    }
}
