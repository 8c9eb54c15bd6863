import Foundation
import Measures
import MeterData
import Testing

private let shared = ProcessInfo.processInfo.environment["CURTAIL_SHARED"]
/// Read once for all tests.
private let load = Result { try LoadFolder.read("\(shared ?? "")/data/load") }

/// The real series in the folder that `CURTAIL_SHARED` names, read whole.
@Suite(.enabled(if: shared != nil)) struct SharedLoadTests {
    private let folder: LoadFolder

    init() throws {
        folder = try load.get()
    }

    private func series(_ name: String) throws -> LoadSeries {
        try #require(folder.series.first { $0.name == name })
    }

    @Test func `ISO New England has nine zones of four months`() throws {
        let zones = folder.series.filter { $0.source == "isone_hourly_2017q1.csv" }
        #expect(zones.map(\.name) == ["ISONECA", "ME", "NH", "VT", "CT", "RI", "SEMASS", "WCMASS", "NEMASSBOST"])
        #expect(zones.filter(\.containsOthers).map(\.name) == ["ISONECA"])
        for zone in zones {
            #expect(zone.quality.rows == 2_880 && zone.quality.skippedByClock == 1 && zone.quality.missing == 0)
            #expect(zone.readings.count == 2_879 && zone.step == .hours(1))
            #expect(zone.window.start == Instant(utc: "2017-01-01T05:00:00Z"))
            #expect(zone.window.end == Instant(utc: "2017-05-01T04:00:00Z"))
            #expect(zone.temperatures?.allSatisfy { $0 != nil } == true)
        }
        let maine = try series("ME")
        #expect(maine.readings.first?.energy?.value == 1_110_967_000)
        #expect(maine.readings.last?.energy?.value == 952_108_000)
        // Hour ending 4 on 12 March follows hour ending 2.
        let four = try #require(Instant(utc: "2017-03-12T07:00:00Z"))
        #expect(maine.reading(at: four)?.energy?.value == 1_231_246_000)
        #expect(maine.reading(at: four - .hours(1))?.energy?.value == 1_255_167_000)
        #expect(try series("ISONECA").peak == .kilowatts(19_237_785))
    }

    @Test func `the laboratory's building has its gaps and its event windows`() throws {
        let building = try series("lbnl_building_15min_2013")
        #expect(building.readings.count == 5_472 && building.quality.missing == 743 && building.quality.gaps == 10)
        #expect(building.quality.longestGap == 416)
        #expect(building.step == .minutes(15) && building.zone.identifier == "America/Los_Angeles")
        #expect(building.readings.first?.energy == WattHours(5_168 * 0.25))
        #expect(building.readings.last?.energy == WattHours(4_739 * 0.25))
        #expect(building.excluded.map(\.duration) == [.hours(2), .minutes(135)])
        #expect(building.excluded.filter { $0.overlaps(building.window) }.count == 1)
    }

    @Test func `the user guide's building repeats four hours and misses others`() throws {
        let building = try series("openeis_userguide_building_hourly_2009_2012")
        #expect(building.quality.rows == 30_634 && building.quality.repeated == 4)
        #expect(building.readings.count == 30_668 && building.quality.missing == 38)
        #expect(building.zone.identifier == "America/Los_Angeles")
        #expect(building.readings.first?.energy == WattHours(23_300))
        #expect(abs((building.readings.last?.energy?.value ?? 0) - 12_234.4) < 1e-9)
        #expect(building.quality.longestGap == 35)
    }

    @Test func `the home is in UTC`() throws {
        let home = try series("opendsm_il_electricity_hourly")
        #expect(home.readings.count == 19_417 && home.quality.missing == 0)
        #expect(home.zone.identifier == "America/Chicago")
        #expect(home.readings.first?.energy == WattHours(290) && home.readings.last?.energy == WattHours(1_170))
    }

    @Test func `25 sites end on one day, complete, from all eleven series`() throws {
        let cutter = try SiteCutter(folder.series, days: 60, seed: 1)
        #expect(cutter.eventDay == CivilDay("2017-04-28"))
        #expect(cutter.zone.identifier == "America/New_York")
        let sites = cutter.sites(25)
        #expect(Set(sites.map(\.name)).count == 25 && Set(sites.map(\.series)).count == 11)
        #expect(cutter.leftOut == ["isone_hourly_2017q1.csv series ISONECA: the sum of the other series of its file"])
        let day = try #require(cutter.zone.window(of: cutter.eventDay))
        for site in sites {
            #expect(site.readings.last?.window.end == day.end)
            #expect(site.readings.filter { day.contains($0.start) }.allSatisfy { $0.energy != nil })
            let first = cutter.eventDay + -site.historyDays
            #expect(site.readings.first?.start == cutter.zone.instant(first, at: .zero))
            #expect(site.historyDays == 60 || site.provenance.contains("only \(site.historyDays) days of history"))
            if site.character == .system { #expect((50.0...800).contains(site.peak.kilowatts)) }
            #expect(site.provenance.hasPrefix(folder.series.first { $0.name == site.series }?.source ?? "?"))
        }
    }
}
