public import DemandResponse
public import MariaDB
public import Measures

/// A trained model as it is stored (table `forecast_models`).
public struct StoredForecastModel: Hashable, Sendable {
    /// How a model came to be.
    public enum Origin: String, Hashable, Sendable {
        /// A backtest chose its methods.
        case chosen
        /// Its coefficients were estimated again from new readings.
        case refitted
    }

    public let meter: MeterID
    public let origin: Origin
    /// For people.
    public let name: String
    /// A JSON object that the store does not look into.
    public let parameters: String
    /// The readings behind it.
    public let window: TimeWindow
    /// How many of them are known.
    public let readings: Int
    /// Error on held-out days over that of the day before; nil when it was not measured anew.
    public let mase: Double?
    /// Version of the program that made it.
    public let codeVersion: String
    public let trainedAt: Instant

    public init(
        meter: MeterID, origin: Origin, name: String, parameters: String, window: TimeWindow, readings: Int,
        mase: Double?, codeVersion: String, trainedAt: Instant
    ) {
        self.meter = meter
        self.origin = origin
        self.name = name
        self.parameters = parameters
        self.window = window
        self.readings = readings
        self.mase = mase
        self.codeVersion = codeVersion
        self.trainedAt = trainedAt
    }
}

/// Keeps models with their versions, and the alarms of forecasts that went wrong.
public struct ForecastModelStore: Sendable {
    /// A model with its keys.
    public struct Version: Hashable, Sendable {
        /// Key of the row.
        public let id: Int64
        /// 1 for the first of the meter.
        public let version: Int64
        public let model: StoredForecastModel
    }

    /// An alarm that has not ended, or one that has.
    public struct Drift: Hashable, Sendable {
        public let meter: MeterID
        public let detectedAt: Instant
        /// Days behind the error.
        public let days: Int
        /// Mean absolute error per interval of these days.
        public let error: WattHours
        /// The largest that belongs to the band.
        public let limit: WattHours
        public let endedAt: Instant?

        public init(
            meter: MeterID, detectedAt: Instant, days: Int, error: WattHours, limit: WattHours, endedAt: Instant? = nil
        ) {
            self.meter = meter
            self.detectedAt = detectedAt
            self.days = days
            self.error = error
            self.limit = limit
            self.endedAt = endedAt
        }
    }

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Stores a model as the next version of its meter. The same model again (same meter, window, parameters and time)
    /// is the version that is there already.
    public func save(_ model: StoredForecastModel) async throws -> Version {
        try await pool.transaction { connection in
            // The meter's row is the queue of those who add versions to it.
            _ = try connection.query("SELECT meter_id FROM meters WHERE meter_id = ? FOR UPDATE", [.meter(model.meter)])
            if let last = try Self.latest(model.meter, connection), last.model == model { return last }
            let next = try connection.query(
                "SELECT COALESCE(MAX(version), 0) + 1 AS next FROM forecast_models WHERE meter_id = ?",
                [.meter(model.meter)]
            ).first?.integer("next")
            let version = next ?? 1
            let id = try connection.execute(
                """
                INSERT INTO forecast_models (meter_id, version, origin, name, parameters, window_start, window_end,
                    readings, mase, code_version, trained_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .meter(model.meter), .integer(version), .text(model.origin.rawValue), .text(model.name),
                    .text(model.parameters), .instant(model.window.start), .instant(model.window.end),
                    .integer(Int64(model.readings)), .optional(model.mase) { .double($0) }, .text(model.codeVersion),
                    .instant(model.trainedAt),
                ]
            ).lastInsertID
            return Version(id: id, version: version, model: model)
        }
    }

    /// The newest version; nil for a meter that has none.
    public func latest(of meter: MeterID) async throws -> Version? {
        try await pool.withConnection { try Self.latest(meter, $0) }
    }

    /// When methods were last chosen for the meter.
    public func lastChoice(of meter: MeterID) async throws -> Instant? {
        try await pool.query(
            """
            SELECT trained_at FROM forecast_models WHERE meter_id = ? AND origin = 'chosen'
            ORDER BY version DESC LIMIT 1
            """, [.meter(meter)]
        ).first?.instant("trained_at")
    }

    /// Versions of a meter before its newest `count` are deleted; forecasts that they made stay. Returns how many.
    @discardableResult
    public func prune(_ meter: MeterID, keeping count: Int) async throws -> Int {
        try await pool.transaction { connection in
            let rows = try connection.execute(
                """
                DELETE FROM forecast_models WHERE meter_id = ? AND version + ? <= (
                    SELECT version FROM (SELECT MAX(version) AS version FROM forecast_models WHERE meter_id = ?) newest)
                """, [.meter(meter), .integer(Int64(max(count, 1))), .meter(meter)]
            ).affectedRows
            return Int(rows)
        }
    }

    /// Opens an alarm, unless the meter has one that has not ended. True if it is new.
    public func open(_ drift: Drift, model: Int64?) async throws -> Bool {
        try await pool.transaction { connection in
            _ = try connection.query("SELECT meter_id FROM meters WHERE meter_id = ? FOR UPDATE", [.meter(drift.meter)])
            let running = try connection.query(
                "SELECT detected_at FROM forecast_drifts WHERE meter_id = ? AND ended_at IS NULL", [.meter(drift.meter)]
            )
            guard running.isEmpty else { return false }
            try connection.execute(
                """
                INSERT INTO forecast_drifts (meter_id, detected_at, model_id, days, mean_error, error_limit)
                VALUES (?, ?, ?, ?, ?, ?)
                ON DUPLICATE KEY UPDATE days = VALUES(days), mean_error = VALUES(mean_error),
                    error_limit = VALUES(error_limit), ended_at = NULL
                """,
                [
                    .meter(drift.meter), .instant(drift.detectedAt), .optional(model) { .integer($0) },
                    .integer(Int64(drift.days)), .double(drift.error.value), .double(drift.limit.value),
                ])
            return true
        }
    }

    /// Ends the meter's alarm; true if there was one.
    public func end(_ meter: MeterID, at now: Instant) async throws -> Bool {
        try await pool.transaction { connection in
            try connection.execute(
                "UPDATE forecast_drifts SET ended_at = ? WHERE meter_id = ? AND ended_at IS NULL",
                [.instant(now), .meter(meter)]
            ).affectedRows > 0
        }
    }

    /// The newest alarm of a meter.
    public func drift(of meter: MeterID) async throws -> Drift? {
        try await pool.query(
            """
            SELECT meter_id, detected_at, days, mean_error, error_limit, ended_at FROM forecast_drifts
            WHERE meter_id = ? ORDER BY detected_at DESC LIMIT 1
            """, [.meter(meter)]
        ).first.map(Self.drift)
    }

    /// How many meters have an alarm that has not ended.
    public func driftingMeters() async throws -> Int {
        let rows = try await pool.query(
            "SELECT COUNT(DISTINCT meter_id) AS meters FROM forecast_drifts WHERE ended_at IS NULL")
        return Int(try rows.first?.integer("meters") ?? 0)
    }

    private static func drift(_ row: MariaDBRow) throws -> Drift {
        Drift(
            meter: try row.meter(), detectedAt: try row.instant("detected_at"), days: Int(try row.integer("days")),
            error: WattHours(try row.double("mean_error")), limit: WattHours(try row.double("error_limit")),
            endedAt: try row.optionalInstant("ended_at"))
    }

    private static func latest(_ meter: MeterID, _ connection: isolated MariaDBConnection) throws -> Version? {
        let rows = try connection.query(
            """
            SELECT model_id, version, origin, name, parameters, window_start AS start_time, window_end AS end_time,
                readings, mase, code_version, trained_at
            FROM forecast_models WHERE meter_id = ? ORDER BY version DESC LIMIT 1
            """, [.meter(meter)])
        guard let row = rows.first else { return nil }
        return Version(
            id: try row.integer("model_id"), version: try row.integer("version"),
            model: StoredForecastModel(
                meter: meter, origin: try row.word("origin"), name: try row.text("name"),
                parameters: try row.text("parameters"), window: try row.window(),
                readings: Int(try row.integer("readings")), mase: try row.optionalDouble("mase"),
                codeVersion: try row.text("code_version"), trainedAt: try row.instant("trained_at")))
    }
}
