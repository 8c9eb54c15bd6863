import Measures

/// Which column of a load file says what: read from the header, never from the file's name.
struct LoadLayout {
    enum Time {
        /// One column with day and time of day, the start of the interval; `isUTC` when the header says so.
        case stamp(column: Int, isUTC: Bool)
        /// Local day, and the hour from 1 to 24 at whose end the interval ends, as system operators count.
        case hourEnding(day: Int, hour: Int)
    }

    /// A column with load, and the series it makes.
    struct Value {
        let column: Int
        let unit: LoadUnit
        /// Nil when the file has only this one.
        let series: String?
    }

    struct Temperature {
        let column: Int
        let isFahrenheit: Bool
    }

    let time: Time
    /// The column that names the zone or meter of the row.
    let name: Int?
    let values: [Value]
    let temperature: Temperature?
    let columns: Int

    static let supported = """
        Supported headers: zone,date,hour_ending,demand_mw (system load, hour ending, local time); \
        time_local,kw,temp_f; time,oat_f,kw (offset in the time); start_utc,kwh,temp_f; or any header with one time column (time, timestamp, \
        datetime, start, time_local, start_local, time_utc, start_utc) and columns that end in w, kw, mw, wh, kwh or \
        mwh; and start_local,end_local (events to leave out).
        """
}

/// The unit of a load column: the mean power of an interval, or its energy.
enum LoadUnit: Equatable {
    case power(watts: Double)
    case energy(wattHours: Double)

    init?(_ suffix: String) {
        switch suffix {
        case "w": self = .power(watts: 1)
        case "kw": self = .power(watts: 1e3)
        case "mw": self = .power(watts: 1e6)
        case "wh": self = .energy(wattHours: 1)
        case "kwh": self = .energy(wattHours: 1e3)
        case "mwh": self = .energy(wattHours: 1e6)
        default: return nil
        }
    }

    func wattHours(_ value: Double, step: TimeSpan) -> WattHours {
        switch self {
        case .power(let watts): Watts(value * watts) * step
        case .energy(let wattHours): WattHours(value * wattHours)
        }
    }
}

/// What a CSV file holds, as its header tells.
enum FileKind {
    case load(LoadLayout)
    /// Windows to leave out: earlier demand-response events.
    case windows(start: Int, end: Int, isUTC: Bool, columns: Int)

    init?(header: [String]) {
        let names = header.map(Self.normalized)
        guard Set(names).count == names.count else { return nil }
        if let windows = Self.windows(names) {
            self = windows
        } else if let layout = LoadLayout(names: names) {
            self = .load(layout)
        } else {
            return nil
        }
    }

    /// Lower case, words joined by `_`: `Power (kW)` becomes `power_kw`.
    private static func normalized(_ name: String) -> String {
        name.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "_")
    }

    private static func windows(_ names: [String]) -> FileKind? {
        for (suffix, isUTC) in [("_local", false), ("_utc", true), ("", false)] {
            guard let start = names.firstIndex(of: "start\(suffix)"), let end = names.firstIndex(of: "end\(suffix)"),
                !names.contains(where: { LoadLayout.unit($0) != nil })
            else { continue }
            return .windows(start: start, end: end, isUTC: isUTC, columns: names.count)
        }
        return nil
    }
}

extension LoadLayout {
    private static let stampNames: Set<String> = [
        "time", "timestamp", "datetime", "date_time", "start", "start_time", "interval_start", "time_local",
        "local_time", "start_local", "datetime_local", "timestamp_local",
    ]
    private static let utcNames: Set<String> = [
        "utc", "time_utc", "utc_time", "start_utc", "datetime_utc", "timestamp_utc", "interval_start_utc",
    ]
    private static let nameNames: Set<String> = ["zone", "meter", "meter_id", "site", "building", "name"]
    private static let moneyWords: Set<String> = ["usd", "eur", "lmp", "price", "cost", "rate"]

    /// From normalized column names; nil unless there is one reading of them.
    init?(names: [String]) {
        let names = names
        let times = names.indices.filter { Self.stampNames.contains(names[$0]) || Self.utcNames.contains(names[$0]) }
        if let day = names.firstIndex(of: "date"), let hour = names.firstIndex(of: "hour_ending"), times.isEmpty {
            time = .hourEnding(day: day, hour: hour)
        } else if times.count == 1 {
            time = .stamp(column: times[0], isUTC: Self.utcNames.contains(names[times[0]]))
        } else {
            return nil
        }
        let loads = names.indices.compactMap { column in Self.unit(names[column]).map { (column, $0) } }
        name = names.firstIndex { Self.nameNames.contains($0) }
        // With a name per row, a second load column would have no name of its own.
        guard !loads.isEmpty, name == nil || loads.count == 1 else { return nil }
        values = loads.map { column, unit in
            Value(column: column, unit: unit, series: loads.count == 1 ? nil : names[column])
        }
        temperature = Self.temperature(names)
        columns = names.count
    }

    /// The unit that a column's last word names, unless another word says that it is money.
    static func unit(_ name: String) -> LoadUnit? {
        let words = name.split(separator: "_").map(String.init)
        guard let last = words.last, moneyWords.isDisjoint(with: words) else { return nil }
        return LoadUnit(last)
    }

    private static func temperature(_ names: [String]) -> Temperature? {
        let outdoor: Set<String> = ["temp", "temperature", "oat", "drybulb"]
        for (column, name) in names.enumerated() {
            let words = name.split(separator: "_").map(String.init)
            guard let last = words.last, last == "f" || last == "c", !outdoor.isDisjoint(with: words) else { continue }
            return Temperature(column: column, isFahrenheit: last == "f")
        }
        return nil
    }
}
