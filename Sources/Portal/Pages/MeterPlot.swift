import Accounts
import DemandResponse
import Measures
import MeterData
import Persistence
import Plots

/// What the plot of a meter shows: power, the forecast with its interval, baseline and events.
struct MeterPlot: Sendable {
    let meter: Meter
    let window: TimeWindow
    let zone: ZoneRules
    let actual: [PlotPoint]
    let baseline: [PlotPoint]
    let forecast: LoadForecast?
    let events: [(id: String, window: TimeWindow)]
    let now: Instant
    /// The same time before, moved to this window.
    let compared: [PlotPoint]

    /// - Parameters:
    ///   - points: at most so many of the meter; the highest and lowest of each part are kept.
    ///   - back: how long before the time lies that is compared with; nil compares with nothing.
    static func read(
        _ meter: Meter, _ window: TimeWindow, points: Int = 1_000, back: TimeSpan? = nil, _ visit: Visit
    ) async throws -> MeterPlot {
        let portal = visit.portal
        let zone = (try? ZoneRules(database: meter.description.zone)) ?? .utc
        let actual = try await line(meter.id, window, points, portal)
        var compared: [PlotPoint] = []
        if let back {
            let earlier = TimeWindow(start: window.start - back, duration: window.duration)
            compared = try await line(meter.id, earlier, points, portal).map { PlotPoint($0.time + back, $0.value) }
        }
        let baseline = try await portal.series.baseline(of: meter.id, in: window)
        let step = meter.description.step
        return MeterPlot(
            meter: meter, window: window, zone: zone, actual: actual,
            baseline: baseline.map {
                PlotPoint($0.window.start, $0.energy.meanPower(over: $0.window.duration).kilowatts)
            },
            forecast: try await portal.forecasts.latest(of: meter.id, for: window),
            events: try await portal.series.events(of: meter.id, in: window), now: visit.now, compared: compared
        ).interrupted(at: step)
    }

    private static func line(
        _ meter: MeterID, _ window: TimeWindow, _ points: Int, _ portal: Portal
    ) async throws -> [PlotPoint] {
        let series = try await portal.parts.readings.samples(of: meter, in: window, points: points)
        var line: [PlotPoint] = []
        var gaps = series.gaps[...]
        for sample in series.samples {
            while let gap = gaps.first, gap.end <= sample.start {
                if !line.isEmpty { line.append(PlotPoint(gap.start, .nan)) }
                gaps.removeFirst()
            }
            line.append(PlotPoint(sample.start, sample.power.kilowatts))
        }
        return line
    }

    /// The baseline of an event is no line to the next event.
    private func interrupted(at step: TimeSpan) -> MeterPlot {
        var points: [PlotPoint] = []
        for point in baseline {
            if let last = points.last, point.time - last.time > step {
                points.append(PlotPoint(last.time + step, .nan))
            }
            points.append(point)
        }
        return MeterPlot(
            meter: meter, window: window, zone: zone, actual: actual, baseline: points, forecast: forecast,
            events: events, now: now, compared: compared)
    }

    /// Those forecast intervals that lie in the window.
    var forecastIntervals: [LoadForecast.Interval] {
        (forecast?.intervals ?? []).filter { window.contains($0.window.start) }
    }

    /// For pages without scripts, for print, and for screen readers.
    var plot: Plot {
        var layers: [PlotLayer] = events.map { .window("Event \($0.id)", .event, $0.window) }
        let intervals = forecastIntervals
        if !intervals.isEmpty {
            layers.append(
                .band(
                    PlotBand(
                        "95 % of the forecast", .forecast,
                        intervals.map {
                            let span = $0.window.duration
                            return PlotBand.Edge(
                                $0.window.start, lower: $0.lower95.meanPower(over: span).kilowatts,
                                upper: $0.upper95.meanPower(over: span).kilowatts)
                        })))
            layers.append(
                .line(
                    PlotSeries(
                        "Forecast", .forecast,
                        intervals.map {
                            PlotPoint($0.window.start, $0.mean.meanPower(over: $0.window.duration).kilowatts)
                        })))
        }
        if !compared.isEmpty { layers.append(.line(PlotSeries("Earlier", .member(3), compared))) }
        if !baseline.isEmpty { layers.append(.line(PlotSeries("Baseline", .baseline, baseline))) }
        layers.append(.line(PlotSeries("Measured", .actual, actual)))
        if window.contains(now) { layers.append(.moment("now", now)) }
        return Plot(
            title: "Power of \(meter.description.name)", span: window, zone: zone, unit: "kW", showsZero: true,
            layers: layers, width: 960, height: 360)
    }
}
