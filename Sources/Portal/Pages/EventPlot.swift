import Accounts
import Measures
import MeterData
import OpenADR
import Persistence
import Plots
import VirtualTopNode

/// The load of an event's meters against their baseline.
struct EventPlot: Sendable {
    let picture: Plot
    let meters: Int

    /// Nil while there is nothing to draw.
    static func read(_ record: EventRecord, _ visit: Visit) async throws -> EventPlot? {
        let terms = record.terms
        let end: Instant = terms.end ?? max(visit.now, terms.start)
        guard terms.start <= visit.now + .hours(3),
            let window = TimeWindow(start: terms.start - .hours(3), end: end + .hours(2))
        else { return nil }
        let viewer = try visit.viewer
        let load = try await visit.portal.series.load(
            ofEvent: record.eventID.rawValue, in: window, seenBy: viewer)
        guard let most = load.map(\.meters).max(), load.count > 1 else { return nil }
        let baseline = try await visit.portal.series.baseline(ofEvent: record.eventID.rawValue, seenBy: viewer)
        var layers: [PlotLayer] = [
            .window("Event", .event, TimeWindow(start: terms.start, duration: end - terms.start))
        ]
        if !baseline.isEmpty {
            layers.append(.line(PlotSeries("Baseline", .baseline, points(baseline, baseline.map(\.meters).max() ?? 0))))
        }
        layers.append(.line(PlotSeries("Measured", .actual, points(load, most))))
        if window.contains(visit.now) { layers.append(.moment("now", visit.now)) }
        let picture = Plot(
            title: "Load of event \(record.eventID.rawValue)", span: window, zone: .utc, unit: "kW", showsZero: true,
            layers: layers, width: 960, height: 300)
        return EventPlot(picture: picture, meters: most)
    }

    /// A moment at which a meter is missing says nothing about the sum: it is a gap.
    private static func points(_ sums: [(start: Instant, power: Watts, meters: Int)], _ most: Int) -> [PlotPoint] {
        sums.map { PlotPoint($0.start, $0.meters == most ? $0.power.kilowatts : .nan) }
    }
}
