import DemandResponse
import Measures
import MeterData
import SiteSimulation

/// Makes the sites of the demo and the scenario that fits them.
enum DemoSites {
    struct Cast {
        let scenario: DemoScenario
        let sites: [DemoSite]
        /// What people should know about the readings.
        let notes: [String]
    }

    /// Sites from the built-in simulator: the same seed gives the same readings on every machine.
    static func simulated(count: Int, days: Int, seed: UInt64) throws -> Cast {
        let zone = try ZoneRules(database: "America/New_York")
        guard let scenario = DemoScenario(eventDay: CivilDay(year: 2026, month: 7, day: 16), zone: zone) else {
            throw CommandFailure(
                "The event hour does not exist in \(zone.identifier).", hint: "check the time zone data")
        }
        let first = scenario.eventDay + -days
        let start = zone.instant(first, at: .zero) ?? scenario.clockStart - .days(Int64(days))
        let history = TimeWindow(start: start, duration: scenario.clockStart - start)
        let holidays = Set((2025...2027).flatMap { USHolidays.days(ofYear: $0) })
        let sites = SiteSimulator(seed: seed, zone: zone).sites(count: count).map { site in
            DemoSite(
                name: site.name, step: site.step, zone: site.zone, traits: site.traits, response: site.response,
                provenance: "simulated \(site.kind.title), seed \(seed)", historyDays: days, holidays: holidays,
                excluded: [], history: site.readings(in: history), live: { site.energy(at: $0) })
        }
        return Cast(scenario: scenario, sites: sites, notes: [])
    }

    /// Sites cut out of the load series in a folder.
    static func cut(from folder: String, count: Int, days: Int, seed: UInt64) throws -> Cast {
        var loads = try LoadFolder.read(folder)
        for index in loads.series.indices where loads.series[index].holidays == nil {
            loads.series[index].holidays = holidays(during: loads.series[index])
        }
        let cutter = try SiteCutter(interleaved(loads.series), days: days, seed: seed)
        guard let scenario = DemoScenario(eventDay: cutter.eventDay, zone: cutter.zone) else {
            throw CommandFailure(
                "17:00 does not exist on \(cutter.eventDay) in \(cutter.zone.identifier).",
                hint: "give load series that end on another day")
        }
        let kinds = SiteKind.allCases.filter { $0 != .home }
        let sites = cutter.sites(count).enumerated().map { index, cut in
            site(cut, kind: cut.character == .home ? .home : kinds[index % kinds.count], scenario, seed: seed)
        }
        return Cast(scenario: scenario, sites: sites, notes: loads.notes + cutter.leftOut + notes(on: loads.series))
    }

    /// One series of each file, then the next one of each: so few sites, too, show every kind of data there is.
    private static func interleaved(_ series: [LoadSeries]) -> [LoadSeries] {
        var seen: [String: Int] = [:]
        let ranked = series.enumerated().map { index, one in
            seen[one.source, default: 0] += 1
            return (rank: seen[one.source] ?? 0, index: index, series: one)
        }
        return ranked.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }.map(\.series)
    }

    /// What was done to the readings of each file; the same of several series is said once.
    private static func notes(on series: [LoadSeries]) -> [String] {
        var said: Set<String> = []
        return series.flatMap { one in one.notes.map { "\(one.source): \($0)" } }.filter { said.insert($0).inserted }
    }

    private static func site(_ cut: CutSite, kind: SiteKind, _ scenario: DemoScenario, seed: UInt64) -> DemoSite {
        let traits = SiteTraits(seed: seed, site: cut.name, kind: kind)
        let later = cut.readings.filter { $0.start >= scenario.clockStart }
        let live = Dictionary(later.map { ($0.start, $0.energy) }, uniquingKeysWith: { first, _ in first })
        return DemoSite(
            name: cut.name, step: cut.step, zone: cut.zone, traits: traits,
            response: TrueResponse(seed: seed, site: cut.name, traits: traits), provenance: cut.provenance,
            historyDays: cut.historyDays, holidays: cut.holidays, excluded: cut.excluded,
            history: cut.readings.filter { $0.start < scenario.clockStart }, live: { live[$0] ?? nil })
    }

    /// The holidays of the United States in the years of a series: all recognised formats come from there.
    private static func holidays(during series: LoadSeries) -> Set<CivilDay> {
        let first = series.zone.local(series.window.start).day.components.year
        let last = series.zone.local(series.window.end).day.components.year
        return Set((first...last).flatMap { USHolidays.days(ofYear: $0) })
    }
}
