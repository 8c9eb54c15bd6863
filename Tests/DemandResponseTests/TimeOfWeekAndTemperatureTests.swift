import DemandResponse
import Measures
import Testing

@Suite struct TimeOfWeekAndTemperatureTests {
    static let eventDay = CivilDay(year: 2026, month: 7, day: 1)
    static let event = TimeWindow(start: Instant(year: 2026, month: 7, day: 1, hour: 15), duration: .hours(4))

    /// A load that is exactly what the regression can say: a level for each hour of the week and two slopes.
    static func load(_ day: CivilDay, _ hour: Int, _ temperature: Double) -> Double {
        10 + Double(day.weekday) + Double(hour % 12) - 0.1 * min(temperature, 65) + 0.5 * max(temperature - 65, 0)
    }

    static func context(
        daysBack: Int = 56, temperatures: Bool = true, holidays: Set<CivilDay> = []
    ) throws -> BaselineContext {
        var generator = SeededGenerator(seed: 4)
        var readings: [IntervalReading] = []
        var known: [Instant: Double] = [:]
        for back in 0...daysBack {
            for hour in Int64(0)..<24 {
                let day = eventDay + -back
                let start = try #require(ZoneRules.utc.instant(day, at: .hours(hour)))
                let temperature = 50 + 30 * generator.unit()
                known[start] = temperature
                guard back > 0 || hour < 14 else { continue }
                readings.append(
                    IntervalReading(
                        start: start, duration: .hours(1),
                        energy: .kilowattHours(load(day, Int(hour), temperature))))
            }
        }
        return BaselineContext(
            event: event, history: try MeterHistory(readings, zone: .utc),
            calendar: DayCalendar(zone: .utc, holidays: holidays),
            temperatures: temperatures ? TemperatureHistory(known, step: .hours(1), zone: .utc) : nil)
    }

    @Test func `a load that follows the model is predicted exactly`() throws {
        let context = try Self.context()
        for rule in [BaselineRule.timeOfWeekAndTemperature, .timeOfWeekAndTemperatureUnadjusted] {
            let baseline = try rule.baseline(context)
            var generator = SeededGenerator(seed: 4)
            // The event day's temperatures are the first that were drawn.
            let temperatures = (0..<24).map { _ in 50 + 30 * generator.unit() }
            for (index, interval) in baseline.intervals.enumerated() {
                let expected = Self.load(Self.eventDay, 15 + index, temperatures[15 + index])
                #expect(abs(interval.power.kilowatts - expected) < 1e-8)
            }
            #expect(abs(baseline.adjustment.applied - 1) < 1e-9)
            #expect(baseline.daysUsed.count == 56)
        }
    }

    @Test func `without temperatures, days or like hours there is no prediction`() throws {
        func reason(_ context: BaselineContext) throws -> BaselineRefusal.Reason? {
            do {
                _ = try BaselineRule.timeOfWeekAndTemperature.baseline(context)
                return nil
            } catch { return error.reason }
        }
        #expect(try reason(Self.context(temperatures: false)) == .unknownTemperature)
        #expect(try reason(Self.context(daysBack: 5)) == .tooFewDays(found: 5, needed: 14))
        // Every Wednesday before was a holiday, and counted as a Sunday.
        let wednesdays = Set((1...8).map { Self.eventDay + -7 * $0 })
        #expect(try reason(Self.context(holidays: wednesdays)) == .unpredictable)
    }
}
