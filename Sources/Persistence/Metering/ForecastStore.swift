public import DemandResponse
public import MariaDB
public import Measures

/// A load forecast as it was made (tables `forecasts`, `forecast_intervals`), in Wh.
public struct LoadForecast: Hashable, Sendable {
    /// One interval: mean, and the limits of the 80 % and the 95 % interval around it.
    public struct Interval: Hashable, Sendable {
        public let window: TimeWindow
        public let mean: WattHours
        public let standardError: WattHours
        public let lower80: WattHours
        public let upper80: WattHours
        public let lower95: WattHours
        public let upper95: WattHours

        public init(
            window: TimeWindow, mean: WattHours, standardError: WattHours, lower80: WattHours, upper80: WattHours,
            lower95: WattHours, upper95: WattHours
        ) {
            self.window = window
            self.mean = mean
            self.standardError = standardError
            self.lower80 = lower80
            self.upper80 = upper80
            self.lower95 = lower95
            self.upper95 = upper95
        }
    }

    public let meter: MeterID
    /// Model and orders, for people.
    public let model: String
    /// No later reading was used.
    public let madeAt: Instant
    /// In order of time.
    public let intervals: [Interval]

    public init(meter: MeterID, model: String, madeAt: Instant, intervals: [Interval]) {
        self.meter = meter
        self.model = model
        self.madeAt = madeAt
        self.intervals = intervals
    }
}

/// Keeps forecasts, so that anyone can compare them with what came.
public struct ForecastStore: Sendable {
    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// A forecast of the same meter, model and time takes the place of the stored one.
    ///
    /// - Parameter model: the row of the stored model that made it, if there is one.
    public func save(_ forecast: LoadForecast, model: Int64? = nil) async throws {
        try await pool.transaction { connection in
            let key: [MariaDBValue] = [.meter(forecast.meter), .instant(forecast.madeAt), .text(forecast.model)]
            try connection.execute("DELETE FROM forecasts WHERE meter_id = ? AND made_at = ? AND model = ?", key)
            let id = try connection.execute(
                "INSERT INTO forecasts (meter_id, made_at, model, model_id) VALUES (?, ?, ?, ?)",
                key + [.optional(model) { .integer($0) }]
            ).lastInsertID
            try connection.executeBatch(
                """
                INSERT INTO forecast_intervals (forecast_id, start_time, end_time, mean_value, standard_error, lower_80,
                    upper_80, lower_95, upper_95)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                rows: forecast.intervals.map { interval in
                    [
                        .integer(id), .instant(interval.window.start), .instant(interval.window.end),
                        .double(interval.mean.value), .double(interval.standardError.value),
                        .double(interval.lower80.value), .double(interval.upper80.value),
                        .double(interval.lower95.value), .double(interval.upper95.value),
                    ]
                })
        }
    }

    /// The newest forecast of the meter that has an interval in the window, with all of its intervals.
    public func latest(of meter: MeterID, for window: TimeWindow) async throws -> LoadForecast? {
        try await pool.withConnection { connection in
            let rows = try connection.query(
                """
                SELECT f.forecast_id, f.model, f.made_at FROM forecasts f
                WHERE f.meter_id = ? AND EXISTS (SELECT 1 FROM forecast_intervals i
                    WHERE i.forecast_id = f.forecast_id AND i.start_time >= ? AND i.start_time < ?)
                ORDER BY f.made_at DESC, f.forecast_id DESC LIMIT 1
                """, [.meter(meter), .instant(window.start), .instant(window.end)])
            guard let row = rows.first else { return nil }
            return LoadForecast(
                meter: meter, model: try row.text("model"), madeAt: try row.instant("made_at"),
                intervals: try Self.intervals(try row.integer("forecast_id"), connection))
        }
    }

    /// The newest forecast of the meter, with all of its intervals; nil if there is none.
    public func latest(of meter: MeterID) async throws -> LoadForecast? {
        try await pool.withConnection { connection in
            let rows = try connection.query(
                """
                SELECT forecast_id, model, made_at FROM forecasts WHERE meter_id = ?
                ORDER BY made_at DESC, forecast_id DESC LIMIT 1
                """, [.meter(meter)])
            guard let row = rows.first else { return nil }
            return LoadForecast(
                meter: meter, model: try row.text("model"), madeAt: try row.instant("made_at"),
                intervals: try Self.intervals(try row.integer("forecast_id"), connection))
        }
    }

    /// What was expected of each interval of a window by the last forecast made before the interval began, in order of
    /// time; each with the time of its forecast.
    public func expectations(
        of meter: MeterID, in window: TimeWindow
    ) async throws -> [(interval: LoadForecast.Interval, madeAt: Instant)] {
        try await pool.query(
            """
            SELECT i.start_time, i.end_time, i.mean_value, i.standard_error, i.lower_80, i.upper_80, i.lower_95,
                i.upper_95, f.made_at
            FROM forecasts f JOIN forecast_intervals i ON i.forecast_id = f.forecast_id
            WHERE f.meter_id = ? AND i.start_time >= ? AND i.start_time < ? AND f.made_at <= i.start_time
            ORDER BY i.start_time, f.made_at DESC, f.forecast_id DESC
            """, [.meter(meter), .instant(window.start), .instant(window.end)]
        ).map { (interval: try Self.interval($0), madeAt: try $0.instant("made_at")) }
            .reduce(into: []) { newest, next in
                if newest.last?.interval.window.start != next.interval.window.start { newest.append(next) }
            }
    }

    private static func intervals(
        _ forecast: Int64, _ connection: isolated MariaDBConnection
    ) throws -> [LoadForecast.Interval] {
        try connection.query(
            """
            SELECT start_time, end_time, mean_value, standard_error, lower_80, upper_80, lower_95, upper_95
            FROM forecast_intervals WHERE forecast_id = ? ORDER BY start_time
            """, [.integer(forecast)]
        ).map(interval)
    }

    private static func interval(_ row: MariaDBRow) throws -> LoadForecast.Interval {
        LoadForecast.Interval(
            window: try row.window(), mean: WattHours(try row.double("mean_value")),
            standardError: WattHours(try row.double("standard_error")),
            lower80: WattHours(try row.double("lower_80")), upper80: WattHours(try row.double("upper_80")),
            lower95: WattHours(try row.double("lower_95")), upper95: WattHours(try row.double("upper_95")))
    }
}
