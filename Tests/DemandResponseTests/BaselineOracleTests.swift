import DemandResponse
import Foundation
import Measures
import Testing

/// Every row of the oracle; the shared folder is found through the environment.
@Suite(.enabled(if: SharedData.folder != nil)) struct BaselineOracleTests {
    static let methods: [String: BaselineRule] = [
        "caiso_10of10": .caiso10of10, "caiso_10of10_noadj": .caiso10of10Unadjusted,
        "caiso_5of10_cap40": .caiso5of10, "ercot_8of10": .ercot8of10, "nyiso_5of10_noadj": .nyiso5of10Unadjusted,
        "nyiso_5of10_wsa": .nyiso5of10, "pjm_4of5_noadj": .pjm4of5Unadjusted, "pjm_4of5_saa": .pjm4of5,
        "towt": .timeOfWeekAndTemperatureUnadjusted, "towt_adj": .timeOfWeekAndTemperature,
        "weather4_cap40": .caisoWeatherMatching,
    ]

    @Test(arguments: ["isone", "lbnl", "openeis2", "taylor"])
    func `every row of a set is reproduced`(set: String) throws {
        let data = try #require(SharedData.folder)
        let series = try OracleSeries(set, data)
        let history = try MeterHistory(series.readings, zone: series.zone)
        let rows = try data.oracle().filter { $0.set == set && Self.methods[$0.method] != nil }
        for row in rows {
            let rule = try #require(Self.methods[row.method])
            let day = try #require(CivilDay(row.day))
            let start = try #require(series.zone.instant(day, at: .hours(15)))
            let context = BaselineContext(
                event: TimeWindow(start: start, duration: .hours(4)), history: history, calendar: series.calendar,
                maximumTemperatures: series.maximumTemperatures,
                temperatures: TemperatureHistory(series.temperatures, step: history.step, zone: series.zone))
            let baseline = try rule.baseline(context)
            let label = "\(set) \(row.day) \(row.method)"
            if let days = row.daysUsed {
                #expect(baseline.daysUsed.map(\.description) == days, "\(label)")
            } else {
                #expect(baseline.daysUsed.count == row.dayCount, "\(label)")
            }
            let scale = baseline.adjustment.isAdditive ? 1_000.0 : 1
            #expect(isNear(baseline.adjustment.applied / scale, row.adjustment), "\(label) adjustment")
            #expect(baseline.intervals.count == row.baseline.count, "\(label)")
            for (interval, expected) in zip(baseline.intervals, row.baseline) {
                #expect(isNear(interval.power.kilowatts, expected), "\(label) \(interval.window.start)")
            }
        }
        print("baseline oracle: \(set), \(rows.count) rows")
        #expect(rows.count == (set == "taylor" ? 32 : 44))
    }

    /// 1e-6 relative or 1e-6 kW.
    private func isNear(_ value: Double, _ expected: Double) -> Bool {
        abs(value - expected) <= max(1e-6, 1e-6 * abs(expected))
    }
}

/// The folder of oracles and series that is not part of the repository.
struct SharedData {
    let root: String

    static var folder: SharedData? {
        ProcessInfo.processInfo.environment["CURTAIL_SHARED"].map { SharedData(root: $0) }
    }

    struct Row {
        let set: String
        let day: String
        let method: String
        let adjustment: Double
        /// For a regression only the count is given.
        let daysUsed: [String]?
        let dayCount: Int?
        let baseline: [Double]
    }

    func oracle() throws -> [Row] {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: root + "/data/forecast/baseline_oracle.json"))
        let object = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
        let rows = object?["rows"] as? [[String: Any]] ?? []
        return rows.compactMap { row in
            guard let set = row["set"] as? String, let day = row["day"] as? String,
                let method = row["method"] as? String, let adjustment = row["adjustment"] as? NSNumber,
                let baseline = row["baseline"] as? [NSNumber]
            else { return nil }
            return Row(
                set: set, day: day, method: method, adjustment: adjustment.doubleValue,
                daysUsed: row["days_used"] as? [String], dayCount: row["days_used"] as? Int,
                baseline: baseline.map(\.doubleValue))
        }
    }

    func table(_ path: String) throws -> [[String]] {
        try String(contentsOfFile: root + "/data/" + path, encoding: .utf8).split(whereSeparator: \.isNewline)
            .dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }
}

/// A series of the oracle as readings of a meter, with its calendar. Clock times without an offset count as UTC.
struct OracleSeries {
    var zone = ZoneRules.utc
    var readings: [IntervalReading] = []
    var calendar = DayCalendar(zone: .utc)
    var maximumTemperatures: [CivilDay: Double] = [:]
    var temperatures: [Instant: Double] = [:]

    init(_ set: String, _ data: SharedData) throws {
        switch set {
        case "isone": try readISONE(data)
        case "lbnl": try readLBNL(data)
        case "openeis2": try readOpenEIS(data)
        default: try readTaylor(data)
        }
    }

    private mutating func add(_ start: Instant, _ step: TimeSpan, _ kilowatts: Double?, _ temperature: Double?) {
        let energy = kilowatts.map { Watts.kilowatts($0) * step }
        readings.append(IntervalReading(start: start, duration: step, energy: energy))
        guard let temperature else { return }
        temperatures[start] = temperature
        let day = zone.local(start).day
        maximumTemperatures[day] = max(maximumTemperatures[day] ?? -.infinity, temperature)
    }

    private mutating func readISONE(_ data: SharedData) throws {
        // The oracle takes all 24 rows of 12 March, whose third hour New England's clock skipped, as they are.
        for row in try data.table("load/isone_hourly_2017q1.csv") where row[0] == "ISONECA" {
            guard let day = CivilDay(row[1]), let hour = Int64(row[2]) else { continue }
            guard let start = zone.instant(day, at: .hours(hour - 1)) else { continue }
            add(start, .hours(1), Double(row[3]), Double(row[4]))
        }
        calendar = Self.calendar(["2017-01-02", "2017-01-16", "2017-02-20"], zone: zone)
    }

    private mutating func readLBNL(_ data: SharedData) throws {
        let rows = try data.table("load/lbnl_building_15min_2013.csv")
        let temperatures = Self.interpolated(rows.map { Double($0[2]) })
        for (row, temperature) in zip(rows, temperatures) {
            let text = row[0].replacing(" ", with: "T") + "Z"
            guard let start = Instant(utc: text) else { continue }
            add(start, .minutes(15), Double(row[1]), temperature)
        }
        calendar = Self.calendar(["2013-09-02"], events: ["2013-09-23"])
    }

    private mutating func readOpenEIS(_ data: SharedData) throws {
        var sums: [Instant: (power: Double, temperature: Double, count: Double)] = [:]
        for row in try data.table("load/openeis_userguide_building_hourly_2009_2012.csv") {
            guard let start = Instant(utc: row[0].prefix(19).replacing(" ", with: "T") + "Z"),
                let temperature = Double(row[1]), let power = Double(row[2])
            else { continue }
            let sum = sums[start] ?? (0, 0, 0)
            sums[start] = (sum.power + power, sum.temperature + temperature, sum.count + 1)
        }
        for (start, sum) in sums.sorted(by: { $0.key < $1.key }) {
            add(start, .hours(1), sum.power / sum.count, sum.temperature / sum.count)
        }
        calendar = Self.calendar([
            "2011-07-04", "2011-09-05", "2011-11-24", "2011-11-25", "2011-12-26", "2012-01-02", "2012-05-28",
        ])
    }

    private mutating func readTaylor(_ data: SharedData) throws {
        let first = Instant(year: 2000, month: 6, day: 5)
        for (index, row) in try data.table("forecast/series/taylor.csv").enumerated() {
            add(first + .minutes(30 * Int64(index)), .minutes(30), Double(row[1]), nil)
        }
    }

    private static func calendar(
        _ holidays: [String], events: [String] = [], zone: ZoneRules = .utc
    ) -> DayCalendar {
        DayCalendar(
            zone: zone, holidays: Set(holidays.compactMap { CivilDay($0) }),
            eventDays: Set(events.compactMap { CivilDay($0) }))
    }

    /// Linear over rows, the first and the last value held.
    private static func interpolated(_ values: [Double?]) -> [Double?] {
        let known = values.indices.filter { values[$0] != nil }
        guard let first = known.first, let last = known.last else { return values }
        var filled = values
        for (left, right) in zip(known, known.dropFirst()) {
            guard let from = values[left], let to = values[right], right - left > 1 else { continue }
            for index in (left + 1)..<right {
                filled[index] = from + (to - from) * Double(index - left) / Double(right - left)
            }
        }
        for index in values.indices where index < first { filled[index] = values[first] }
        for index in values.indices where index > last { filled[index] = values[last] }
        return filled
    }
}
