public import DemandResponse
public import MariaDB
public import Measures

/// The market's prices and the weather of programmes (tables `program_prices`, `program_temperatures`).
public struct ProgramSeriesStore: Sendable {
    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Keeps prices; those that begin at the same time are replaced. Bookings keep what they were counted from.
    public func write(
        prices: [(window: TimeWindow, price: EnergyPrice)], of program: ProgramID
    ) async throws {
        try await pool.transaction { connection in
            try connection.executeBatch(
                """
                INSERT INTO program_prices (program_id, start_time, end_time, price_micros, currency)
                VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE end_time = VALUES(end_time),
                    price_micros = VALUES(price_micros), currency = VALUES(currency)
                """,
                rows: prices.map {
                    [
                        .integer(program.rawValue), .instant($0.window.start), .instant($0.window.end),
                        .integer($0.price.micros), .text($0.price.currency.rawValue),
                    ]
                })
        }
    }

    /// The same for temperatures in degrees Celsius.
    public func write(
        temperatures: [(window: TimeWindow, celsius: Double)], of program: ProgramID
    ) async throws {
        try await pool.transaction { connection in
            try connection.executeBatch(
                """
                INSERT INTO program_temperatures (program_id, start_time, end_time, temperature) VALUES (?, ?, ?, ?)
                ON DUPLICATE KEY UPDATE end_time = VALUES(end_time), temperature = VALUES(temperature)
                """,
                rows: temperatures.map {
                    [
                        .integer(program.rawValue), .instant($0.window.start), .instant($0.window.end),
                        .double($0.celsius),
                    ]
                })
        }
    }

    func prices(of program: ProgramID, in window: TimeWindow) async throws -> ProgramSeries {
        ProgramSeries(
            try await pool.query(
                """
                SELECT start_time, end_time, price_micros, currency FROM program_prices
                WHERE program_id = ? AND start_time < ? AND end_time > ? ORDER BY start_time
                """, [.integer(program.rawValue), .instant(window.end), .instant(window.start)]
            ).map {
                .init(
                    window: try $0.window(), value: Double(try $0.integer("price_micros")),
                    currency: try $0.word("currency"))
            })
    }

    func temperatures(of program: ProgramID, in window: TimeWindow) async throws -> ProgramSeries {
        ProgramSeries(
            try await pool.query(
                """
                SELECT start_time, end_time, temperature FROM program_temperatures
                WHERE program_id = ? AND start_time < ? AND end_time > ? ORDER BY start_time
                """, [.integer(program.rawValue), .instant(window.end), .instant(window.start)]
            ).map { .init(window: try $0.window(), value: try $0.double("temperature"), currency: nil) })
    }
}

/// Values in the order of their times.
struct ProgramSeries: Sendable {
    struct Row: Sendable {
        let window: TimeWindow
        let value: Double
        let currency: Currency?
    }

    private let rows: [Row]

    init(_ rows: [Row]) {
        self.rows = rows
    }

    /// The mean over a span, by time; nil where a moment of it has no value.
    func value(from start: Instant, _ step: TimeSpan) -> Double? {
        let end = start + step
        // The last row that begins at or before the start.
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].window.start <= start { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        var (sum, at, place) = (0.0, start, low - 1)
        while at < end {
            guard place < rows.count, rows[place].window.start <= at, rows[place].window.end > at else { return nil }
            let until = min(end, rows[place].window.end)
            sum += rows[place].value * Double((until - at).seconds)
            at = until
            place += 1
        }
        return sum / Double(step.seconds)
    }

    /// Prices of intervals in their order. None where one is missing, and those of the other currency only where there is
    /// one: settlement refuses both.
    func prices(_ intervals: [TimeWindow], _ currency: Currency) -> [EnergyPrice] {
        if let other = rows.first(where: { $0.currency != currency }) {
            return [EnergyPrice(micros: Int64(other.value), currency: other.currency ?? currency)]
        }
        let values = intervals.compactMap { value(from: $0.start, $0.duration) }
        guard values.count == intervals.count else { return [] }
        return values.map { EnergyPrice(micros: Int64($0.rounded()), currency: currency) }
    }
}
