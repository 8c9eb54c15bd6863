import Measures
import SiteSimulation
import Testing

@Suite struct SimulatedSiteTests {
    private let sites = SiteSimulator(seed: 1, zone: newYork).sites(count: 30)

    private func fingerprint(_ readings: [IntervalReading]) -> UInt64 {
        readings.reduce(14_695_981_039_346_656_037) { hash, reading in
            let value = reading.energy.map { Int64($0.value) } ?? .min
            return (hash ^ UInt64(bitPattern: value)) &* 1_099_511_628_211
        }
    }

    /// The mean power in a window, from what the meter would count without gaps.
    private func mean(_ site: SimulatedSite, _ window: TimeWindow) -> Watts {
        let parts = window.intervals(every: site.step)
        return parts.reduce(WattHours.zero) { $0 + site.energy(at: $1.start) }.meanPower(over: window.duration)
    }

    private func hours(_ day: TimeWindow, _ from: Int64, _ until: Int64) -> TimeWindow {
        TimeWindow(start: day.start + .hours(from), duration: .hours(until - from))
    }

    @Test func `the same seed gives the same numbers on every machine`() {
        let window = day(2_026, 7, 6, days: 7)
        let prints = sites.prefix(6).map { fingerprint($0.readings(in: window)) }
        #expect(
            prints == [
                0xC18A_CA22_960F_193C, 0xDA6D_0956_9555_B4F8, 0x522A_BBD5_8048_BDCA, 0xFF60_44E8_8539_0B99,
                0xDFAA_89FB_32A0_8EDF, 0x9520_F83C_C670_F941,
            ])
    }

    @Test func `names are unique, and the first sites do not depend on the count`() {
        #expect(Set(sites.map(\.name)).count == 30)
        #expect(Set(sites.map(\.kind)) == Set(SiteKind.allCases))
        let few = SiteSimulator(seed: 1, zone: newYork).sites(count: 5)
        #expect(few.map(\.name) == sites.prefix(5).map(\.name) && few.map(\.traits) == sites.prefix(5).map(\.traits))
        #expect(SiteSimulator(seed: 1, zone: newYork).sites(count: -1).isEmpty)
        #expect(SiteSimulator(seed: 2, zone: newYork).sites(count: 5).map(\.traits) != few.map(\.traits))
    }

    @Test func `a reading does not depend on the window that is asked`() {
        let month = day(2_026, 6, 1, days: 30)
        for site in sites.prefix(8) {
            let all = Dictionary(uniqueKeysWithValues: site.readings(in: month).map { ($0.start, $0) })
            let offset = TimeWindow(start: month.start + .minutes(7 * 1_440 + 5), duration: .hours(31))
            let part = site.readings(in: offset)
            #expect(part.count == (site.step == .hours(1) ? 30 : 123))
            #expect(part.allSatisfy { all[$0.start] == $0 && offset.contains($0.window) })
        }
    }

    @Test func `offices work on working days, and not on holidays`() {
        for office in sites where office.kind == .office {
            let tuesday = mean(office, hours(day(2_026, 6, 23), 9, 17))
            let sunday = mean(office, hours(day(2_026, 6, 28), 9, 17))
            // Independence Day 2026 is a Saturday, observed on Friday 3 July.
            let holiday = mean(office, hours(day(2_026, 7, 3), 9, 17))
            #expect(tuesday.value > 1.5 * sunday.value && tuesday.value > 1.3 * holiday.value, "\(office.name)")
            let night = mean(office, hours(day(2_026, 6, 23), 1, 4))
            #expect(tuesday.value > 1.8 * night.value, "\(office.name)")
        }
    }

    @Test func `a hot afternoon is the peak of offices, and hotter than a mild one`() {
        for office in sites where office.kind == .office {
            let month = day(2_026, 7, 6, days: 12)
            let peak = month.intervals(every: office.step).max {
                office.energy(at: $0.start) < office.energy(at: $1.start)
            }
            let hour = peak.map { newYork.local($0.start).time.hours } ?? 0
            #expect((9...18).contains(hour), "\(office.name) peaks at \(hour)")
            let july = mean(office, day(2_026, 7, 6, days: 5))
            let april = mean(office, day(2_026, 4, 20, days: 5))
            #expect(july > april, "\(office.name)")
        }
    }

    @Test func `loads are plausible: positive but for roofs with panels, below the peak of their kind`() {
        for site in sites {
            let powers = day(2_026, 6, 1, days: 14).intervals(every: site.step).map {
                site.energy(at: $0.start).meanPower(over: site.step).kilowatts
            }
            let most = site.kind == .home ? 16.0 : 1_300.0
            #expect(powers.allSatisfy { $0 < most && $0 > -most / 2 }, "\(site.name)")
            #expect(powers.contains { $0 > (site.kind == .home ? 1 : 20) }, "\(site.name)")
        }
        let exporters = sites.filter { site in
            day(2_026, 6, 1, days: 14).intervals(every: site.step).contains { site.energy(at: $0.start) < .zero }
        }
        #expect(exporters.allSatisfy { [.home, .school, .office].contains($0.kind) } && !exporters.isEmpty)
    }

    @Test func `a few readings are missing, and at some sites hours at a stretch`() {
        var holes = 0
        for site in sites {
            let readings = site.readings(in: day(2_026, 5, 1, days: 60))
            var run = 0
            var longest = TimeSpan.zero
            for reading in readings {
                run = reading.energy == nil ? run + 1 : 0
                longest = max(longest, site.step * Int64(run))
            }
            let share = Double(readings.count { $0.energy == nil }) / Double(readings.count)
            #expect(share > 0 && share < 0.05, "\(site.name) \(share)")
            if longest >= .hours(2) { holes += 1 }
            #expect(longest < .hours(2) || site.losesHours || site.step == .hours(1), "\(site.name)")
        }
        #expect(holes >= 2 && holes <= 15)
    }

    @Test func `days of a clock change have their 23 and 25 hours, and people keep to the local clock`() throws {
        let office = try #require(sites.first { $0.kind == .office && $0.step == .minutes(15) })
        #expect(office.readings(in: day(2_026, 3, 8)).count == 92)
        #expect(office.readings(in: day(2_026, 11, 1)).count == 100)
        // The Fridays before and the Mondays after: the morning stays at its hour of the local day.
        for morning in [day(2_026, 3, 6), day(2_026, 3, 9), day(2_026, 10, 30), day(2_026, 11, 2)] {
            let before = mean(office, hours(morning, 3, 5))
            let after = mean(office, hours(morning, 10, 12))
            #expect(after.value > 1.4 * before.value)
        }
    }
}
