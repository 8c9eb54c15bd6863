import Foundation
import Measures
import MeterData

/// A folder of files that goes away with the test.
final class TemporaryFolder {
    let path: String

    init(_ files: [String: String]) throws {
        path = FileManager.default.temporaryDirectory.path + "/meter-data-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)")) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A plain series: each hour's energy is the hour of the day plus the day's number, in kilowatt-hours.
func plainSeries(
    name: String, source: String, zone: ZoneRules, from first: CivilDay, days: Int, kilo: Double = 1
) -> LoadSeries? {
    guard let start = zone.instant(first, at: .zero), let end = zone.instant(first + days, at: .zero) else {
        return nil
    }
    let readings = TimeWindow(start: start, duration: end - start).intervals(every: .hours(1)).map { interval in
        let (day, time) = zone.local(interval.start)
        let energy = WattHours.kilowattHours(kilo * (time.hours + Double(day - first)))
        return IntervalReading(start: interval.start, duration: .hours(1), energy: energy)
    }
    return LoadSeries(name: name, source: source, step: .hours(1), zone: zone, readings: readings)
}
