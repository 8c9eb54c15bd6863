import Foundation
import Measures
import Persistence
import Plots

/// The plot of a forecast: what was, what is expected with its bands, what came, and the events.
struct ForecastPicture {
    let name: String
    let zone: ZoneRules
    let step: TimeSpan
    let history: [PlotPoint]
    /// What came in the time of the forecast.
    let actual: [PlotPoint]
    let forecast: [LoadForecast.Interval]
    let madeAt: Instant
    let events: [TimeWindow]

    /// How much of the history is shown.
    static let shownHistory = TimeSpan.days(4)

    /// A picture of a history from some days before the forecast to its end.
    init(_ history: LoadHistory, _ forecast: [LoadForecast.Interval], madeAt: Instant) {
        name = history.name
        zone = history.zone
        step = history.step
        let start = madeAt - Self.shownHistory
        let end = forecast.last?.window.end ?? madeAt
        let starts = stride(
            from: max(start, history.window.start).secondsSinceEpoch,
            to: min(end, history.window.end).secondsSinceEpoch,
            by: Int(history.step.seconds)
        ).map { Instant(secondsSinceEpoch: $0) }
        let points = starts.map { instant in
            PlotPoint(
                instant, history.energies[instant].map { WattHours($0).meanPower(over: history.step).kilowatts } ?? .nan
            )
        }
        self.history = points.filter { $0.time < madeAt }
        actual = points.filter { $0.time >= madeAt }
        self.forecast = forecast
        self.madeAt = madeAt
        events = history.excluded.filter { $0.end > start && $0.start < end }
    }

    /// The picture as an SVG file.
    func svg() -> String {
        func kilowatts(_ energy: WattHours) -> Double { energy.meanPower(over: step).kilowatts }
        func band(
            _ lower: (LoadForecast.Interval) -> WattHours, _ upper: (LoadForecast.Interval) -> WattHours
        ) -> [PlotBand.Edge] {
            forecast.map {
                PlotBand.Edge($0.window.start, lower: kilowatts(lower($0)), upper: kilowatts(upper($0)))
            }
        }
        var layers: [PlotLayer] = events.map { .window("Event", .event, $0) }
        layers += [
            .band(PlotBand("95 % interval", .forecast, band(\.lower95, \.upper95))),
            .band(PlotBand("80 % interval", .forecast, band(\.lower80, \.upper80))),
            .line(PlotSeries("Measured", .actual, history + actual)),
            .line(
                PlotSeries("Forecast", .forecast, forecast.map { PlotPoint($0.window.start, kilowatts($0.mean)) })),
            .moment("made here", madeAt),
        ]
        let start = history.first?.time ?? madeAt
        let end = forecast.last?.window.end ?? madeAt
        return Plot(
            title: "\(name): load and forecast", span: TimeWindow(start: start, duration: end - start), zone: zone,
            unit: "kW", layers: layers
        ).svg()
    }

    /// Writes the picture; an existing file is replaced.
    func write(to path: String) throws {
        do {
            try svg().write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw CommandFailure(
                "\(path) cannot be written: \(error.localizedDescription)", hint: "choose another place with --svg")
        }
    }
}
