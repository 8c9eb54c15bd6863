import Forecasting
import Foundation

/// Days to forecast from what was known before them, judged as the peers of `peer_table.csv` were.
struct AccuracySet {
    /// One forecast: what was known, what came, and the scale of its error.
    struct Origin {
        let task: ForecastTask
        let actual: [Double]
        /// Mean |change from the day before| over the known pairs of the training window.
        let scale: Double
    }

    let name: String
    /// Largest mean MASE that is good enough; nil for a set that only informs.
    let goal: Double?
    let origins: [Origin]
}

/// A series on whole local days with what is known about them.
struct DailySeries {
    /// The first day, counted from an arbitrary Monday.
    var firstWeekday: Int
    var stepsPerDay: Int
    var values: [Double]
    var temperature: [Double] = []
    /// Days from the first that are no working days although no weekend.
    var holidays: Set<Int> = []

    /// One-day forecasts at `count` mornings, `stride` days apart from day `first`, each from the `training` days before.
    /// A day without any measured value makes no origin.
    func origins(
        first: Int, stride: Int, count: Int, training: Int, days: Int = 1, withTemperature: Bool = false
    ) -> [AccuracySet.Origin] {
        (0..<count).compactMap { index in
            let day = first + index * stride
            let (start, end) = ((day - training) * stepsPerDay, day * stepsPerDay)
            let horizon = days * stepsPerDay
            guard start >= 0, end + horizon <= values.count else { return nil }
            let history = Array(values[start..<end])
            let actual = Array(values[end..<(end + horizon)])
            guard actual.contains(where: { !$0.isNaN }),
                let scale = ErrorMeasures.naiveScale(history, period: stepsPerDay)
            else { return nil }
            let kinds = ((day - training)..<(day + days)).map { day in
                (day + firstWeekday) % 7 >= 5 || holidays.contains(day) ? 1 : 0
            }
            let drivers = withTemperature ? [Array(temperature[start..<(end + horizon)])] : []
            return AccuracySet.Origin(
                task: ForecastTask(
                    history: history, stepsPerDay: stepsPerDay, dayKinds: kinds, steps: horizon, drivers: drivers),
                actual: actual, scale: scale)
        }
    }
}

extension AccuracySet {
    /// The sets of a folder, by name.
    static let names = ["isone", "isone-temperature", "taylor", "lbnl", "m4", "openeis", "home", "zones"]

    /// Reads a set.
    static func read(_ name: String, _ folder: URL) throws -> AccuracySet {
        switch name {
        case "isone", "isone-temperature":
            let isDriven = name != "isone"
            let series = try zone("ISONECA", folder)
            return AccuracySet(
                name: name, goal: isDriven ? 0.54 : 0.65,
                origins: series.origins(first: 59, stride: 2, count: 28, training: 56, withTemperature: isDriven))
        case "zones":
            let names = ["CT", "ME", "NEMASSBOST", "NH", "RI", "SEMASS", "VT", "WCMASS"]
            let origins = try names.flatMap {
                try zone($0, folder).origins(first: 60, stride: 8, count: 7, training: 56)
            }
            return AccuracySet(name: name, goal: nil, origins: origins)
        case "taylor":
            let values = try LoadData.rows(folder, "forecast/series/taylor.csv").map { Double($0[1]) ?? .nan }
            // From Monday 2000-06-05.
            let series = DailySeries(firstWeekday: 0, stepsPerDay: 48, values: values)
            return AccuracySet(
                name: name, goal: 0.15, origins: series.origins(first: 56, stride: 1, count: 28, training: 42))
        case "lbnl":
            let values = try LoadData.rows(folder, "load/lbnl_building_15min_2013.csv").map { Double($0[1]) ?? .nan }
            // From Thursday 2013-08-01; Labor Day is day 32.
            let series = DailySeries(firstWeekday: 3, stepsPerDay: 96, values: values, holidays: [32])
            return AccuracySet(
                name: name, goal: 0.60, origins: series.origins(first: 23, stride: 1, count: 28, training: 21))
        case "openeis": return AccuracySet(name: name, goal: nil, origins: try office(folder))
        case "home": return AccuracySet(name: name, goal: nil, origins: try home(folder))
        case "m4": return AccuracySet(name: name, goal: 0.85, origins: try competition(folder))
        default: throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: name])
        }
    }

    /// From Sunday 2017-01-01 on; the hour that the clock skips on day 70 is missing.
    private static func zone(_ name: String, _ folder: URL) throws -> DailySeries {
        let rows = try LoadData.rows(folder, "load/isone_hourly_2017q1.csv").filter { $0[0] == name }
        var values = rows.map { Double($0[3]) ?? .nan }
        guard values.count > 1682 else { throw CocoaError(.fileReadCorruptFile) }
        values[70 * 24 + 2] = .nan
        return DailySeries(
            firstWeekday: 6, stepsPerDay: 24, values: values, temperature: rows.map { Double($0[4]) ?? .nan },
            holidays: [1, 15, 50])
    }

    /// The office building from 2011-04-06 (a Wednesday), by the clock; hours that come twice are averaged.
    private static func office(_ folder: URL) throws -> [Origin] {
        let first = CivilDate("2011-04-06")
        var sums: [Int: (sum: Double, count: Double)] = [:]
        for row in try LoadData.rows(folder, "load/openeis_userguide_building_hourly_2009_2012.csv") {
            guard let value = Double(row[2]), let hour = Int(row[0].dropFirst(11).prefix(2)) else { continue }
            let index = (CivilDate(row[0].prefix(10)).number - first.number) * 24 + hour
            let known = sums[index] ?? (0, 0)
            sums[index] = (known.sum + value, known.count + 1)
        }
        let length = 390 * 24
        let values = (0..<length).map { index in sums[index].map { $0.sum / $0.count } ?? .nan }
        return DailySeries(firstWeekday: 2, stepsPerDay: 24, values: values)
            .origins(first: 56, stride: 12, count: 28, training: 56)
    }

    /// A home from 2015-11-23 (a Monday), UTC.
    private static func home(_ folder: URL) throws -> [Origin] {
        let values = try LoadData.rows(folder, "load/opendsm_il_electricity_hourly.csv").dropFirst(18).map {
            Double($0[1]) ?? .nan
        }
        return DailySeries(firstWeekday: 0, stepsPerDay: 24, values: Array(values))
            .origins(first: 60, stride: 11, count: 28, training: 56)
    }

    private static func competition(_ folder: URL) throws -> [Origin] {
        func read(_ name: String) throws -> [[Double]] {
            try LoadData.rows(folder, "forecast/\(name)").map { row in
                row.dropFirst().compactMap { Double($0.trimmingCharacters(in: ["\""])) }
            }
        }
        return try zip(read("m4_hourly_train.csv"), read("m4_hourly_test.csv")).compactMap { history, actual in
            guard let scale = ErrorMeasures.naiveScale(history, period: 24) else { return nil }
            return Origin(
                task: ForecastTask(history: history, stepsPerDay: 24, steps: actual.count), actual: actual, scale: scale
            )
        }
    }
}

/// A day of the calendar as a number that grows by one a day.
private struct CivilDate {
    let number: Int

    /// Reads YYYY-MM-DD.
    init(_ text: some StringProtocol) {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        let (year, month, day) = parts.count == 3 ? (parts[0], parts[1], parts[2]) : (1970, 1, 1)
        // Months counted from March, so that the leap day is the last of a year.
        let (y, m) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
        number = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day
    }
}
