public import MariaDB
public import Measures
import MeterData

/// Writes readings out, piece by piece as they come from the database: memory does not grow with them.
public struct ReadingExport: Sendable {
    /// How rows are written.
    public enum Format: String, Hashable, Sendable, CaseIterable {
        /// A header, then a line for each reading (RFC 4180).
        case csv
        /// A JSON object a line.
        case json
    }

    /// Which series.
    public enum Version: String, Hashable, Sendable, CaseIterable {
        /// As they came.
        case raw
        /// With what cleanings took in their places; an interval that is not believed has no value.
        case cleaned
    }

    /// Readings that are held at a time: those of so many days of one meter.
    private static let days: Int64 = 31

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Writes the readings of meters that begin in the window, meter by meter in order of time; how many there were.
    ///
    /// - Parameter write: called with some KiB at a time; an error of it ends the export.
    public func readings(
        of meters: [Meter], in window: TimeWindow, version: Version = .raw, as format: Format,
        write: @Sendable ([UInt8]) throws -> Void
    ) async throws -> Int {
        if format == .csv { try write(Array("meter,start_utc,end_utc,wh,shed_wh,quality,edit\n".utf8)) }
        var count = 0
        for meter in meters {
            guard let extent = try await extent(of: meter, in: window) else { continue }
            let name = format == .csv ? Self.csv(meter.description.name) : Self.json(meter.description.name)
            for part in extent.intervals(every: .days(Self.days)) {
                let readings = try await rows(meter, part, version)
                guard !readings.isEmpty else { continue }
                count += readings.count
                try write(readings.flatMap { Array(Self.line(name, $0, format).utf8) })
            }
        }
        return count
    }

    /// The part of the window that the meter has readings or edits in.
    private func extent(of meter: Meter, in window: TimeWindow) async throws -> TimeWindow? {
        let id = MariaDBValue.meter(meter.id)
        let rows = try await pool.query(
            """
            SELECT MIN(first_start) AS first_start, MAX(last_start) AS last_start FROM (
                SELECT MIN(start_time) AS first_start, MAX(start_time) AS last_start FROM meter_data WHERE meter_id = ?
                UNION ALL SELECT MIN(start_time), MAX(start_time) FROM cleaning_edits WHERE meter_id = ?
            ) e
            """, [id, id])
        guard let first = try rows.first?.optionalInstant("first_start"),
            let last = try rows.first?.optionalInstant("last_start")
        else { return nil }
        return TimeWindow(start: max(window.start, first), end: min(window.end, last + .seconds(1)))
    }

    private func rows(_ meter: Meter, _ window: TimeWindow, _ version: Version) async throws -> [CleanedReading] {
        switch version {
        case .cleaned: return try await CleaningStore(pool).readings(of: meter.id, in: window)
        case .raw:
            return try await ReadingStore(pool).storedReadings(of: meter.id, in: window).map { stored in
                CleanedReading(
                    window: stored.reading.window, energy: stored.reading.energy, shed: stored.delta,
                    quality: stored.quality, edit: nil)
            }
        }
    }

    private static func line(_ name: String, _ reading: CleanedReading, _ format: Format) -> String {
        let (start, end) = (reading.window.start, reading.window.end)
        let value = reading.energy.map { "\($0.value)" }
        let shed = reading.shed.map { "\($0.value)" }
        switch format {
        case .csv:
            return """
                \(name),\(start),\(end),\(value ?? ""),\(shed ?? ""),\(reading.quality.rawValue),\
                \(reading.edit?.rawValue ?? "")

                """
        case .json:
            return """
                {"meter":\(name),"start":"\(start)","end":"\(end)","wh":\(value ?? "null"),"shed_wh":\(shed ?? "null"),\
                "quality":"\(reading.quality.rawValue)","edit":\(reading.edit.map { "\"\($0.rawValue)\"" } ?? "null")}

                """
        }
    }

    /// A cell that a spreadsheet does not take for a formula.
    static func csv(_ text: String) -> String {
        let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
        let safe = isFormula ? "'" + text : text
        guard safe.contains(where: { ",\"\n\r".contains($0) }) else { return safe }
        return "\"" + safe.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }

    static func json(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
