import DemandResponse
import Foundation
import Measures
import MeterData
import SiteSimulation

/// A load series with the days on which baseline rules are tried: no event took place, so what was drawn is known.
struct PlaceboSet: Sendable {
    let name: String
    let context: BaselineContext
    let days: [CivilDay]

    /// What is tried of a series: a span of days, every `step`th of them.
    struct Selection: Sendable {
        let name: String
        let source: String
        let series: String
        let days: ClosedRange<CivilDay>
        let step: Int
        let holidays: Set<CivilDay>
    }

    /// The hours of the events that are pretended.
    struct Hours: Sendable {
        let first: Int
        let last: Int
        var span: TimeSpan { .hours(Int64(last - first)) }
    }

    /// A folder of the reference data, or any folder of load series.
    static func all(in folder: String, hours: Hours, latest: Int) throws -> [PlaceboSet] {
        if let reference = try reference(in: folder, hours: hours) { return reference }
        var loads = try LoadFolder.read(folder)
        return try loads.series.indices.map { index in
            if loads.series[index].holidays == nil { loads.series[index].holidays = loads.series[index].usHolidays }
            let series = loads.series[index]
            let context = try context(series, hours: hours)
            let days = series.localDays.filter(context.isPlaceboBusinessDay)
            return PlaceboSet(name: series.name, context: context, days: Array(days.suffix(latest)))
        }
    }

    /// The four sets of the reference folder, with the days and holidays that its description gives; nil for another
    /// folder.
    private static func reference(in folder: String, hours: Hours) throws -> [PlaceboSet]? {
        let taylor = "\(folder)/forecast/series/taylor.csv"
        guard FileManager.default.fileExists(atPath: taylor), FileManager.default.fileExists(atPath: "\(folder)/load")
        else { return nil }
        let loads = try LoadFolder.read("\(folder)/load")
        var sets: [PlaceboSet] = []
        for one in protocols {
            guard
                var series = loads.series.first(where: {
                    $0.source.hasPrefix(one.source) && (one.series.isEmpty || $0.name == one.series)
                })
            else { continue }
            series.holidays = one.holidays
            sets.append(try set(one, series, hours))
        }
        let series = try taylorSeries(taylor)
        sets.insert(
            try set(
                Selection(
                    name: "taylor", source: "", series: "", days: day(2000, 7, 31)...day(2000, 8, 25), step: 1,
                    holidays: []),
                series, hours), at: min(1, sets.count))
        return sets
    }

    private static let protocols = [
        Selection(
            name: "isone", source: "isone_hourly", series: "ISONECA", days: day(2017, 3, 1)...day(2017, 4, 28), step: 1,
            holidays: [day(2017, 1, 2), day(2017, 1, 16), day(2017, 2, 20)]),
        Selection(
            name: "lbnl", source: "lbnl_building", series: "", days: day(2013, 8, 26)...day(2013, 9, 25), step: 1,
            holidays: [day(2013, 9, 2)]),
        Selection(
            name: "openeis2", source: "openeis", series: "", days: day(2011, 6, 1)...day(2012, 5, 31), step: 3,
            holidays: [
                day(2011, 7, 4), day(2011, 9, 5), day(2011, 11, 24), day(2011, 11, 25), day(2011, 12, 26),
                day(2012, 1, 2), day(2012, 5, 28),
            ]),
    ]

    private static func day(_ year: Int, _ month: Int, _ day: Int) -> CivilDay {
        CivilDay(year: year, month: month, day: day)
    }

    private static func set(_ one: Selection, _ series: LoadSeries, _ hours: Hours) throws -> PlaceboSet {
        let context = try context(series, hours: hours)
        let fit = series.localDays.filter { one.days.contains($0) && context.isPlaceboBusinessDay($0) }
        let days = fit.enumerated().filter { $0.offset % one.step == 0 }.map(\.element)
        return PlaceboSet(name: one.name, context: context, days: days)
    }

    private static func context(_ series: LoadSeries, hours: Hours) throws -> BaselineContext {
        let calendar = DayCalendar(
            zone: series.zone, holidays: series.holidays ?? [],
            eventDays: Set(series.excluded.map { series.zone.local($0.start).day }))
        let history = try MeterHistory(series.readings, zone: series.zone)
        let degrees = series.filledFahrenheit
        let first = series.localDays.first.flatMap { series.zone.instant($0, at: .hours(Int64(hours.first))) }
        var maxima: [CivilDay: Double] = [:]
        for (start, value) in degrees {
            let day = series.zone.local(start).day
            maxima[day] = max(maxima[day] ?? value, value)
        }
        return BaselineContext(
            event: TimeWindow(start: first ?? series.window.start, duration: hours.span), history: history,
            calendar: calendar, maximumTemperatures: maxima,
            temperatures: degrees.isEmpty
                ? nil : TemperatureHistory(degrees, step: history.step, zone: series.zone))
    }

    /// Half-hours of England and Wales from 5 June 2000, a value each line.
    private static func taylorSeries(_ path: String) throws -> LoadSeries {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let start = Instant(year: 2000, month: 6, day: 5)
        let rows = text.split(whereSeparator: \.isNewline).dropFirst()
        let readings = rows.enumerated().map { index, row in
            let value = row.split(separator: ",").last.flatMap { Double($0) }
            return IntervalReading(
                start: start + .minutes(30) * Int64(index), duration: .minutes(30),
                energy: value.map { Watts($0 * 1e6) * .minutes(30) })
        }
        return LoadSeries(name: "taylor", source: "taylor.csv", step: .minutes(30), zone: .utc, readings: readings)
    }
}

extension LoadSeries {
    /// From the first to the last.
    fileprivate var localDays: [CivilDay] {
        guard let last = readings.last else { return [] }
        let first = zone.local(window.start).day
        return (0...max(0, zone.local(last.start).day - first)).map { first + $0 }
    }

    fileprivate var usHolidays: Set<CivilDay> {
        let first = zone.local(window.start).day.components.year
        let last = zone.local(window.end).day.components.year
        return Set((first...last).flatMap { USHolidays.days(ofYear: $0) })
    }

    /// The temperature of each interval in degrees Fahrenheit, linear between those that were measured.
    fileprivate var filledFahrenheit: [Instant: Double] {
        guard let temperatures else { return [:] }
        let known = temperatures.indices.filter { temperatures[$0] != nil }
        var filled: [Instant: Double] = [:]
        for (left, right) in zip(known, known.dropFirst() + known.suffix(1)) {
            guard let from = temperatures[left], let to = temperatures[right] else { continue }
            for index in left...max(left, right - 1) {
                let share = right > left ? Double(index - left) / Double(right - left) : 0
                filled[readings[index].start] = (from + (to - from) * share) * 1.8 + 32
            }
        }
        return filled
    }
}
