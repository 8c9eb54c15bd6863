import Measures
import MeterData
import Testing

@Suite struct SiteCutterTests {
    private func zones() throws -> (eastern: ZoneRules, pacific: ZoneRules) {
        (try ZoneRules(database: "America/New_York"), try ZoneRules(database: "America/Los_Angeles"))
    }

    /// Two eastern systems of 120 days in 2017 and a Californian building of 200 days in 2013.
    private func series() throws -> [LoadSeries] {
        let (eastern, pacific) = try zones()
        let winter = CivilDay(year: 2_017, month: 1, day: 1)
        let made = [
            plainSeries(name: "A", source: "s.csv", zone: eastern, from: winter, days: 120, kilo: 1_000),
            plainSeries(name: "B", source: "s.csv", zone: eastern, from: winter, days: 120, kilo: 2_000),
            plainSeries(
                name: "C", source: "c.csv", zone: pacific, from: CivilDay(year: 2_013, month: 1, day: 7), days: 200),
        ]
        return made.compactMap { $0 }
    }

    /// The number of the source's day and its hour, as the plain series has them in its energy.
    private func unscaled(_ site: CutSite) -> [(day: CivilDay, hour: Double, sum: Double)] {
        let scale =
            site.character == .system
            ? 0 : Double(site.provenance.split(separator: "scaled to ").last?.prefix { $0 != " " } ?? "100") ?? 100
        return site.readings.compactMap { reading in
            let (day, time) = site.zone.local(reading.start)
            return reading.energy.map { (day, time.hours, $0.kilowattHours * 100 / scale) }
        }
    }

    @Test func `sites end with the event day, which is the last working day of the largest file`() throws {
        let cutter = try SiteCutter(try series(), days: 60, seed: 1)
        // 120 days from 1 January end on Sunday 30 April.
        #expect(cutter.eventDay == CivilDay(year: 2_017, month: 4, day: 28))
        let sites = cutter.sites(7)
        #expect(sites.map(\.name) == ["A", "B", "C", "A 2", "B 2", "C 2", "A 3"])
        let end = try #require(cutter.zone.window(of: cutter.eventDay)).end
        #expect(sites.allSatisfy { $0.readings.last?.window.end == end && $0.historyDays == 60 })
        #expect(sites[0].provenance.hasSuffix("not shifted"))
        #expect(sites[3].provenance.hasSuffix("shifted forward by 1 week"))
        #expect(sites[2].provenance.contains("local time of America/Los_Angeles taken as America/New_York"))
    }

    @Test func `a shift keeps weekday and hour of the day through both clocks' changes`() throws {
        let cutter = try SiteCutter(try series(), days: 60, seed: 1)
        let site = try #require(cutter.sites(3).last)
        #expect(site.series == "C")
        let samples = unscaled(site)
        // The hour before the change, the hour after: the plain series knows which hour of which day it is.
        let first = try #require(samples.first)
        let base = (first.sum - first.hour).rounded()
        for sample in samples {
            let number = base + Double(sample.day - first.day)
            #expect(abs(sample.sum - (sample.hour + number)) < 0.01)
        }
        // The clocks were set forward on 10 March 2013 and on 12 March 2017, a week apart in the common calendar: the
        // hour that only the source skipped has no reading, and none is invented.
        #expect(site.readings.count == 61 * 24 - 1)
        let missing = site.readings.filter { $0.energy == nil }.map { site.zone.local($0.start) }
        #expect(missing.map(\.day) == [CivilDay(year: 2_017, month: 3, day: 5)] && missing.map(\.time) == [.hours(2)])
    }

    @Test func `the same seed gives the same sites, another seed other sizes`() throws {
        let made = try series()
        let one = try SiteCutter(made, days: 60, seed: 1).sites(9)
        let again = try SiteCutter(made, days: 60, seed: 1).sites(9)
        let other = try SiteCutter(made, days: 60, seed: 2).sites(9)
        #expect(one.map(\.readings) == again.map(\.readings) && one.map(\.provenance) == again.map(\.provenance))
        #expect(one.map(\.provenance) != other.map(\.provenance))
        #expect(one.filter { $0.character == .system }.allSatisfy { (50...800.5).contains($0.peak.kilowatts) })
    }

    @Test func `a day that was an event or a holiday, or lacks a reading, is no event day`() throws {
        var made = [try #require(try series().first)]
        made[0].holidays = [CivilDay(year: 2_017, month: 4, day: 28)]
        let thursday = try #require(made[0].zone.instant(CivilDay(year: 2_017, month: 4, day: 27), at: .hours(14)))
        made[0].excluded = [TimeWindow(start: thursday, duration: .hours(1))]
        let wednesday = try #require(made[0].index(of: thursday - .hours(24)))
        made[0].readings[wednesday] = IntervalReading(start: thursday - .hours(24), duration: .hours(1), energy: nil)
        let cutter = try SiteCutter(made, days: 30, seed: 1)
        #expect(cutter.eventDay == CivilDay(year: 2_017, month: 4, day: 25))
    }

    @Test func `less history than asked for is said`() throws {
        let cutter = try SiteCutter(try series(), days: 300, seed: 1)
        let site = try #require(cutter.sites(1).first)
        #expect(site.historyDays == 117 && site.provenance.contains("only 117 days of history"))
    }

    @Test func `too little to cut is refused`() throws {
        let (eastern, _) = try zones()
        let short = plainSeries(
            name: "A", source: "a.csv", zone: eastern, from: CivilDay(year: 2_017, month: 1, day: 1), days: 15)
        #expect(throws: MeterDataError.self) { try SiteCutter([], days: 60, seed: 1) }
        #expect(throws: MeterDataError.self) { try SiteCutter([short].compactMap { $0 }, days: 60, seed: 1) }
        #expect(throws: MeterDataError.self) { try SiteCutter(try series(), days: 3, seed: 1) }
    }
}

extension LoadSeries {
    fileprivate func index(of start: Instant) -> Int? { readings.firstIndex { $0.start == start } }
}
