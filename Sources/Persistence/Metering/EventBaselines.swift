public import MariaDB
public import Measures
public import OpenADR
public import VirtualTopNode

/// The load to expect of a VEN during an event, from the newest forecasts of the meters that it reports for: what goes out as
/// `eiEventBaseline`, so that both sides count from the same line.
public struct EventBaselines: Sendable {
    /// More steps than that are no baseline for a message.
    private static let longest = 500

    private let pool: MariaDBPool

    public init(_ pool: MariaDBPool) {
        self.pool = pool
    }

    /// Nil unless every meter of the VEN has a forecast for all of the event, and for an event without an end.
    ///
    /// - Parameter id: of the baseline, in the message.
    public func baseline(
        _ id: BaselineID, of ven: VENID, start: Instant, duration: TimeSpan
    ) async throws -> ProgrammedBaseline? {
        guard duration > .zero else { return nil }
        let window = TimeWindow(start: start, duration: duration)
        let meters = try await pool.query(
            "SELECT DISTINCT meter_id FROM report_meters WHERE ven_id = ? ORDER BY meter_id", [.text(ven.rawValue)]
        ).map { try $0.meter() }
        var forecasts: [LoadForecast] = []
        for meter in meters {
            guard let forecast = try await ForecastStore(pool).latest(of: meter, for: window) else { return nil }
            forecasts.append(forecast)
        }
        return Self.baseline(id, from: forecasts, in: window)
    }

    /// The mean power of all forecasts together, in W, between any two moments at which one of them changes.
    static func baseline(_ id: BaselineID, from forecasts: [LoadForecast], in window: TimeWindow) -> ProgrammedBaseline?
    {
        let edges = forecasts.flatMap { $0.intervals.flatMap { [$0.window.start, $0.window.end] } }
            .filter { window.start < $0 && $0 < window.end }
        let moments = Set(edges + [window.start, window.end]).sorted()
        guard !forecasts.isEmpty, moments.count <= longest else { return nil }
        var values: [Double] = []
        for moment in moments.dropLast() {
            var power = 0.0
            for forecast in forecasts {
                guard
                    let interval = forecast.intervals.first(where: {
                        $0.window.start <= moment && moment < $0.window.end
                    })
                else { return nil }
                power += interval.mean.value * 3_600 / Double(interval.window.duration.seconds)
            }
            values.append(power)
        }
        let models = Set(forecasts.map(\.model))
        return ProgrammedBaseline(
            id: id, name: models.count == 1 ? models.first ?? "" : "forecast of \(forecasts.count) meters",
            start: window.start, steps: zip(moments, moments.dropFirst()).map { $1 - $0 }, values: values)
    }
}
