import Measures
import Plots
import SiteScheduling

/// The plot of a schedule: load and sun, what the meter sees, and what the battery contains.
struct SitePicture {
    private let document: SiteDocument
    private let site: Site
    private let schedule: SiteSchedule

    init(_ document: SiteDocument, _ site: Site, _ schedule: SiteSchedule) {
        self.document = document
        self.site = site
        self.schedule = schedule
    }

    private static func step(_ site: Site) -> TimeSpan { .seconds(max(1, Int64((site.hours * 3_600).rounded()))) }

    private static func start(_ document: SiteDocument) -> Instant {
        document.start.flatMap { Instant(utc: $0) } ?? Instant(year: 2026, month: 1, day: 1)
    }

    private static func points(_ values: [Double], _ start: Instant, _ step: TimeSpan) -> [PlotPoint] {
        values.enumerated().map { PlotPoint(start + step * Int64($0), $1) }
    }

    func svg() -> String {
        let step = Self.step(site)
        let start = Self.start(document)
        func series(_ name: String, _ tone: PlotTone, _ values: [Double]) -> PlotLayer {
            .step(PlotSeries(name, tone, Self.points(values, start, step)), interval: step)
        }
        let meter = zip(schedule.imports, schedule.exports).map { $0 - $1 }
        let load = zip(site.base, schedule.flexible).map { $0 + $1 }
        var layers = Self.outages(site, start, step)
        layers += [
            series("Load", .baseline, load), series("Sun", .member(1), site.solar), series("Meter", .actual, meter),
            .line(PlotSeries("Stored, kWh", .forecast, Self.points(schedule.stored, start + step, step))),
        ]
        return Plot(
            title: "Site: load, sun, meter and battery",
            span: TimeWindow(start: start, duration: step * Int64(site.stepCount)), zone: .utc, unit: "kW",
            layers: layers
        ).svg()
    }

    private static func outages(_ site: Site, _ start: Instant, _ step: TimeSpan) -> [PlotLayer] {
        var layers: [PlotLayer] = []
        var from: Int?
        for place in 0...site.stepCount {
            let isAway = place < site.stepCount && site.outage[place]
            if isAway, from == nil { from = place }
            if !isAway, let first = from {
                layers.append(
                    .window(
                        "Outage", .limit,
                        TimeWindow(start: start + step * Int64(first), duration: step * Int64(place - first))))
                from = nil
            }
        }
        return layers
    }

    /// What policies draw from the grid.
    static func comparison(_ document: SiteDocument, _ site: Site, _ runs: [(String, SiteSchedule)]) -> String {
        let step = step(site)
        let start = start(document)
        let layers = runs.enumerated().map { place, run in
            let meter = zip(run.1.imports, run.1.exports).map { $0 - $1 }
            return PlotLayer.step(PlotSeries(run.0, .member(place), points(meter, start, step)), interval: step)
        }
        return Plot(
            title: "What each policy draws", span: TimeWindow(start: start, duration: step * Int64(site.stepCount)),
            zone: .utc, unit: "kW", layers: outages(site, start, step) + layers
        ).svg()
    }

    /// What an evcc request's batteries contain, and what the meter sees.
    static func fleet(_ fleet: StorageFleet, _ schedule: FleetSchedule) -> String {
        var starts = [Instant(year: 2026, month: 1, day: 1)]
        for hours in fleet.hours {
            starts.append(starts[starts.count - 1] + .seconds(Int64((hours * 3_600).rounded())))
        }
        func line(_ name: String, _ tone: PlotTone, _ values: [Double]) -> PlotLayer {
            .line(PlotSeries(name, tone, zip(starts, values).map { PlotPoint($0, $1) }))
        }
        let meter = (0..<fleet.stepCount).map {
            (schedule.imports[$0] - schedule.exports[$0]) / fleet.hours[$0] / 1_000
        }
        let layers =
            [line("Meter, kW", .actual, meter)]
            + schedule.stored.enumerated().map { place, stored in
                line("Battery \(place + 1), kWh", .member(place), stored.map { $0 / 1_000 })
            }
        return Plot(
            title: "Meter and batteries",
            span: TimeWindow(start: starts[0], duration: starts[starts.count - 1] - starts[0]),
            zone: .utc, unit: "kW", layers: layers
        ).svg()
    }
}
