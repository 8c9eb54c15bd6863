import Forecasting
import Foundation

/// The series of the benchmark, read from files that are not part of the repository.
struct LoadData {
    /// The logarithm of the airline passengers, monthly.
    let airline: [Double]
    /// Hourly load of each zone of New England, in the file's sequence; the first is the whole system.
    let zones: [[Double]]
    /// Quarter-hourly load of a building, gaps filled by straight lines.
    let building: [Double]

    /// Reads `forecast/series/AirPassengers.csv`, `load/isone_hourly_2017q1.csv` and `load/lbnl_building_15min_2013.csv`.
    init(folder: URL) throws {
        airline = try Self.rows(folder, "forecast/series/AirPassengers.csv").compactMap {
            Double($0[1]).map { log($0) }
        }
        var names: [String] = []
        var series: [String: [Double]] = [:]
        for row in try Self.rows(folder, "load/isone_hourly_2017q1.csv") {
            if series[row[0]] == nil { names.append(row[0]) }
            series[row[0], default: []].append(Double(row[3]) ?? .nan)
        }
        names.sort { ($0 != "ISONECA" ? 1 : 0, $0) < ($1 != "ISONECA" ? 1 : 0, $1) }
        zones = names.map { Array((series[$0] ?? []).prefix(2160)) }
        building = Self.filled(
            try Self.rows(folder, "load/lbnl_building_15min_2013.csv").map { Double($0[1]) ?? .nan })
    }

    /// Sixty days of one of 1,000 meters: a zone from a start of its own.
    func hourlyMeter(_ index: Int) -> [Double] {
        let start = index / zones.count * 6
        return Array(zones[index % zones.count][start..<(start + 1440)])
    }

    /// Thirty days of one of 100 meters: the building from a start of its own.
    func quarterHourlyMeter(_ index: Int) -> [Double] { Array(building[(index * 26)..<(index * 26 + 2880)]) }

    /// The lines of a file after the first, split at commas.
    static func rows(_ folder: URL, _ path: String) throws -> [[String]] {
        try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
            .split(whereSeparator: \.isNewline).dropFirst()
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }

    /// The lines of a file after the first, split at commas outside quotes.
    static func quotedRows(_ folder: URL, _ path: String) throws -> [[String]] {
        try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
            .split(whereSeparator: \.isNewline).dropFirst().map { line in
                // Every second part lies within quotes.
                line.split(separator: "\"", omittingEmptySubsequences: false).enumerated().reduce(into: [""]) {
                    fields, part in
                    guard part.offset % 2 == 0 else { return fields[fields.count - 1] += part.element }
                    let pieces = part.element.split(separator: ",", omittingEmptySubsequences: false)
                    fields[fields.count - 1] += pieces.first ?? ""
                    fields += pieces.dropFirst().map(String.init)
                }
            }
    }

    private static func filled(_ series: [Double]) -> [Double] {
        var result = series
        let known = series.indices.filter { !series[$0].isNaN }
        for (left, right) in zip(known, known.dropFirst()) {
            for index in (left + 1)..<max(right, left + 1) {
                let share = Double(index - left) / Double(right - left)
                result[index] = series[left] + share * (series[right] - series[left])
            }
        }
        return result
    }
}
