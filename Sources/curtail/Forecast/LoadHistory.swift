import DemandResponse
import Foundation
import MariaDB
import Measures
import MeterData
import Persistence

/// What is known of one load: from a meter of the database or from a file.
struct LoadHistory: Sendable {
    let name: String
    let zone: ZoneRules
    let step: TimeSpan
    /// From the first reading to the end of the last.
    let window: TimeWindow
    /// Known readings that count, by their start, in Wh.
    let energies: [Instant: Double]
    /// Outdoor temperature, degrees Celsius.
    var temperatures: [Instant: Double] = [:]
    var holidays: Set<CivilDay> = []
    /// Demand-response events and other spans that no model may learn from.
    var excluded: [TimeWindow] = []
    /// Readings that were left out: suspect, and mended by nobody, or not believed by a cleaning.
    var suspect = 0
    /// Intervals that count as a cleaning mended or filled them.
    var mended = 0

    /// Most history that a forecast looks at.
    static let longest = TimeSpan.days(100)

    /// The readings of a meter before `end`; nil if there are none.
    ///
    /// They count as cleanings left them; suspect ones that no cleaning mended are left out, and those of
    /// demand-response events are not learnt from.
    static func read(
        _ meter: Meter, on pool: MariaDBPool, before end: Instant? = nil
    ) async throws -> LoadHistory? {
        let readings = ReadingStore(pool)
        guard let extent = try await readings.extent(of: meter.id) else { return nil }
        let last = min(extent.end, end ?? extent.end)
        guard let window = TimeWindow(start: max(extent.start, last - longest), end: last), window.duration > .zero
        else { return nil }
        let stored = try await CleaningStore(pool).readings(of: meter.id, in: window)
        guard let first = stored.first else { return nil }
        let trusted = stored.filter { $0.energy != nil && ($0.edit != nil || $0.quality != .suspect) }
        var history = LoadHistory(
            name: meter.description.name, zone: try ZoneRules(database: meter.description.zone),
            step: meter.description.step,
            window: TimeWindow(start: first.window.start, duration: last - first.window.start),
            energies: Dictionary(
                trusted.compactMap { row in row.energy.map { (row.window.start, $0.value) } },
                uniquingKeysWith: { one, _ in one }))
        history.suspect = stored.count - trusted.count
        history.mended = trusted.count { $0.edit != nil }
        history.excluded = try await PredictionStore(pool).eventWindows(of: meter.id, in: history.window)
        return history
    }

    /// A meter and its readings; throws where there is no such meter or no reading.
    static func named(_ name: String, _ database: OperatorDatabase) async throws -> (Meter, LoadHistory) {
        let meters = MeterStore(database.pool)
        guard let meter = try await meters.meter(named: name) else {
            let names = try await meters.meters().prefix(8).map(\.description.name)
            throw CommandFailure(
                "There is no meter '\(name)'.",
                hint: names.isEmpty ? "import readings first" : "there are \(names.joined(separator: ", "))",
                status: .notFound)
        }
        guard let history = try await read(meter, on: database.pool) else {
            throw CommandFailure(
                "The meter '\(name)' has no readings.", hint: "import some first, or wait for its VEN to report",
                status: .notFound)
        }
        return (meter, history)
    }

    /// A series of a folder of CSV files.
    ///
    /// - Parameter name: which one; nil takes the only one.
    static func read(folder: String, series name: String?) throws -> LoadHistory {
        let found = try LoadFolder.read(folder).series
        let names = found.map(\.name)
        let chosen = name == nil && found.count == 1 ? found.first : found.first { $0.name == name }
        guard let series = chosen else {
            let list = names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", ..." : "")
            throw CommandFailure(
                name.map { "There is no series '\($0)' in \(folder)." } ?? "\(folder) holds \(names.count) series.",
                hint: "choose one with --series: \(list)", status: name == nil ? .usage : .notFound)
        }
        var history = LoadHistory(
            name: series.name, zone: series.zone, step: series.step, window: series.window,
            energies: Dictionary(
                series.readings.compactMap { reading in reading.energy.map { (reading.start, $0.value) } },
                uniquingKeysWith: { one, _ in one }))
        history.holidays = series.holidays ?? []
        history.excluded = series.excluded
        if let temperatures = series.temperatures {
            history.temperatures = Dictionary(
                zip(series.readings, temperatures).compactMap { reading, value in value.map { (reading.start, $0) } },
                uniquingKeysWith: { one, _ in one })
        }
        return history
    }
}
