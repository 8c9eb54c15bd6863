public import DemandResponse
public import MariaDB
public import Measures

/// What meters would have counted without an event (table `drp_periods`), in Wh.
///
/// Where a reading of the same interval exists, or comes later, `populate_deltas` works out its `delta_value`.
public struct PredictionStore: Sendable {
    /// The baseline of one metering interval.
    public struct Prediction: Hashable, Sendable {
        public let window: TimeWindow
        public let energy: WattHours

        public init(window: TimeWindow, energy: WattHours) {
            self.window = window
            self.energy = energy
        }
    }

    let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Puts the predictions in the place of those that the meter has for the event; the event has to be stored. Throws a
    /// duplicate-key `MariaDBError` when another event has an interval.
    public func replace(
        _ predictions: [Prediction], of meter: MeterID, in event: ProgramEventID
    ) async throws {
        try await keepingRules {
            try await pool.transaction(isolation: .readCommitted) { connection in
                try Self.replace(predictions, of: meter, in: event, connection)
            }
        }
    }

    static func replace(
        _ predictions: [Prediction], of meter: MeterID, in event: ProgramEventID,
        _ connection: isolated MariaDBConnection
    ) throws {
        try connection.execute(
            "DELETE FROM drp_periods WHERE event = ? AND meter_id = ?", [.text(event.rawValue), .meter(meter)])
        try connection.executeBatch(
            """
            INSERT INTO drp_periods (meter_id, event, start_time, end_time, prediction_value)
            VALUES (?, ?, ?, ?, ?)
            """,
            rows: predictions.map { prediction in
                [
                    .meter(meter), .text(event.rawValue), .instant(prediction.window.start),
                    .instant(prediction.window.end), .double(prediction.energy.value),
                ]
            })
    }

    /// A baseline as predictions: one per interval.
    public func replace(_ baseline: Baseline, of meter: MeterID, in event: ProgramEventID) async throws {
        try await replace(
            baseline.intervals.map { Prediction(window: $0.window, energy: $0.energy) }, of: meter, in: event)
    }

    /// In order of time.
    public func predictions(of meter: MeterID, in event: ProgramEventID) async throws -> [Prediction] {
        try await pool.query(
            """
            SELECT start_time, end_time, prediction_value FROM drp_periods WHERE event = ? AND meter_id = ?
            ORDER BY start_time
            """, [.text(event.rawValue), .meter(meter)]
        ).map { Prediction(window: try $0.window(), energy: WattHours(try $0.double("prediction_value"))) }
    }
}

extension PredictionStore {
    /// The spans of demand-response events that the meter took part in and that overlap a window, in order of time.
    public func eventWindows(of meter: MeterID, in window: TimeWindow) async throws -> [TimeWindow] {
        try await pool.query(
            """
            SELECT MIN(start_time) AS start_time, MAX(end_time) AS end_time FROM drp_periods
            WHERE meter_id = ? AND start_time < ? AND end_time > ? GROUP BY event ORDER BY start_time
            """, [.meter(meter), .instant(window.end), .instant(window.start)]
        ).map { try $0.window() }
    }
}
