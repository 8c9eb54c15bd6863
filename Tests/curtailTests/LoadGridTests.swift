import Forecasting
import Foundation
import Measures
import MeterData
import Testing

@testable import curtail

@Suite struct LoadGridTests {
    /// Hourly readings of New York from local midnight of a day; each is its number.
    private func history(_ first: CivilDay, hours: Int) throws -> LoadHistory {
        let zone = try ZoneRules(database: "America/New_York")
        let start = try #require(zone.window(of: first)?.start)
        let energies = (0..<hours).map { (start + .hours(Int64($0)), Double($0)) }
        return LoadHistory(
            name: "m", zone: zone, step: .hours(1), window: TimeWindow(start: start, duration: .hours(Int64(hours))),
            energies: Dictionary(uniqueKeysWithValues: energies))
    }

    @Test func `the hour that the clock skips is missing and has no forecast`() throws {
        let day = CivilDay(year: 2026, month: 3, day: 8)
        let past = try LoadGrid(try history(day, hours: 23), days: 1)
        #expect(past.values.count == 24 && past.values[2].isNaN && past.values[3] == 2)
        let ahead = try LoadGrid(try history(day + -2, hours: 48), days: 1)
        #expect(ahead.windows(2).isEmpty && ahead.windows(3).count == 1)
        #expect((0..<24).flatMap(ahead.windows).count == 23)
    }

    @Test func `the hour that the clock repeats counts once and is forecast twice`() throws {
        let day = CivilDay(year: 2026, month: 11, day: 1)
        let past = try LoadGrid(try history(day, hours: 25), days: 1)
        #expect(past.values.count == 24 && past.values[1] == 1 && past.values[2] == 3)
        let ahead = try LoadGrid(try history(day + -2, hours: 48), days: 1)
        let starts = (0..<24).flatMap(ahead.windows).map(\.start)
        #expect(starts.count == 25 && ahead.windows(1).count == 2)
        #expect(starts == starts.sorted())
    }

    @Test func `a day that has begun is forecast to its end and a whole day more`() throws {
        let grid = try LoadGrid(try history(CivilDay(year: 2026, month: 6, day: 1), hours: 40), days: 1)
        #expect(grid.values.count == 40 && grid.steps == 8 + 24)
        #expect(grid.task().dayKinds.count == 3)
    }

    @Test func `nothing is learnt from an event, nor from what comes after the origin`() throws {
        let day = CivilDay(year: 2026, month: 6, day: 1)
        var load = try history(day, hours: 72)
        let start = load.window.start
        load.excluded = [TimeWindow(start: start + .hours(17), duration: .hours(2))]
        let grid = try LoadGrid(load, origin: start + .hours(48), days: 1)
        #expect(grid.values.enumerated().filter { $0.element.isNaN }.map(\.offset) == [17, 18])
        #expect(grid.actual == (48..<72).map(Double.init))
        #expect(grid.origin == start + .hours(48))
    }

    @Test func `the temperature drives only where it is known to the end`() throws {
        var load = try history(CivilDay(year: 2026, month: 6, day: 1), hours: 72)
        let start = load.window.start
        for hour in 0..<72 where hour % 9 != 4 { load.temperatures[start + .hours(Int64(hour))] = Double(hour) }
        let grid = try LoadGrid(load, origin: start + .hours(48), days: 1)
        #expect(grid.task().drivers.first == (0..<72).map(Double.init))
        #expect(grid.task(withTemperature: false).drivers.isEmpty)
        #expect(try LoadGrid(load, days: 1).task().drivers.isEmpty)
    }

    @Test func `steps that do not divide a day are refused`() throws {
        let base = try history(CivilDay(year: 2026, month: 6, day: 1), hours: 72)
        let odd = LoadHistory(
            name: "m", zone: base.zone, step: .minutes(7), window: base.window, energies: base.energies)
        #expect(throws: CommandFailure.self) { try LoadGrid(odd, days: 1) }
    }
}
