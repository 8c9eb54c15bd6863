import DemandResponse
import Measures
import Testing

@Suite struct BaselineRuleTests {
    /// Wednesday.
    static let eventDay = CivilDay(year: 2026, month: 7, day: 1)

    /// Hourly readings in kW: `load` by day and hour, for 60 days before the event and the event day until 14:00.
    func context(
        calendar: DayCalendar = DayCalendar(zone: .utc), eventHour: Int64 = 15, hours: Int64 = 2,
        zone: ZoneRules = .utc, day: CivilDay = eventDay, daysBack: Int = 60,
        temperatures: [CivilDay: Double] = [:], load: (CivilDay, Int) -> Double?
    ) throws -> BaselineContext {
        var readings: [IntervalReading] = []
        for back in 0...daysBack {
            let local = day + -back
            let window = try #require(zone.window(of: local))
            for interval in window.intervals(every: .hours(1)) {
                let hour = Int(zone.local(interval.start).time.seconds / 3_600)
                if back == 0, hour >= Int(eventHour) - 1 { continue }
                readings.append(
                    IntervalReading(
                        start: interval.start, duration: .hours(1),
                        energy: load(local, hour).map(WattHours.kilowattHours)))
            }
        }
        let start = try #require(zone.instant(day, at: .hours(eventHour)))
        return BaselineContext(
            event: TimeWindow(start: start, duration: .hours(hours)), history: try MeterHistory(readings, zone: zone),
            calendar: calendar, maximumTemperatures: temperatures)
    }

    @Test func `the mean of the ten latest business days, holidays, events and outages left out`() throws {
        let holiday = Self.eventDay + -2
        let event = Self.eventDay + -1
        let outage = Self.eventDay + -6
        let calendar = DayCalendar(zone: .utc, holidays: [holiday], eventDays: [event], outageDays: [outage])
        let context = try context(calendar: calendar) { day, _ in Double(Self.eventDay - day) }
        let baseline = try BaselineRule.caiso10of10Unadjusted.baseline(context)
        let used = [5, 7, 8, 9, 12, 13, 14, 15, 16, 19]
        #expect(baseline.daysUsed == used.map { Self.eventDay + -$0 })
        #expect(baseline.intervals.map(\.power.kilowatts) == [11.8, 11.8])
        #expect(baseline.adjustment.applied == 1 && baseline.adjustment.window == nil)
        let verdicts = Dictionary(uniqueKeysWithValues: baseline.considered.map { ($0.day, $0.verdict) })
        #expect(verdicts.count == 45)
        #expect(verdicts[event] == .rejected(.event))
        #expect(verdicts[holiday] == .rejected(.kind))
        #expect(verdicts[outage] == .rejected(.outage))
        #expect(verdicts[Self.eventDay + -3] == .rejected(.kind))
        #expect(verdicts[Self.eventDay + -5] == .chosen)
        #expect(verdicts[Self.eventDay + -20] == .rejected(.notNeeded))
    }

    @Test(arguments: [(1.1, 1.1), (1.5, 1.2), (0.5, 0.8)])
    func `the same-day factor is held within a fifth`(load: Double, applied: Double) throws {
        let context = try context { day, _ in day == Self.eventDay ? 10 * load : 10 }
        let baseline = try BaselineRule.caiso10of10.baseline(context)
        #expect(abs((baseline.adjustment.beforeClamp ?? 0) - load) < 1e-12)
        #expect(baseline.adjustment.applied == applied || abs(baseline.adjustment.applied - applied) < 1e-12)
        #expect(baseline.intervals.allSatisfy { abs($0.power.kilowatts - 10 * applied) < 1e-9 })
        #expect(baseline.adjustment.window?.end == context.event.start - .hours(1))
    }

    @Test func `a gap in the adjustment window leaves the baseline as it is`() throws {
        let context = try context { day, hour in day == Self.eventDay ? (hour == 12 ? nil : 20) : 10 }
        let baseline = try BaselineRule.caiso10of10.baseline(context)
        #expect(baseline.adjustment.beforeClamp == nil && baseline.adjustment.applied == 1)
        #expect(baseline.adjustment.window != nil)
    }

    @Test func `nothing of the event's own hours or of the hour before is used`() throws {
        let plain = try context { _, _ in 10 }
        var readings: [IntervalReading] = []
        for hour in stride(from: Int64(14), to: 24, by: 1) {
            readings.append(
                IntervalReading(
                    start: try #require(ZoneRules.utc.instant(Self.eventDay, at: .hours(hour))), duration: .hours(1),
                    energy: .kilowattHours(1_000)))
        }
        var before: [IntervalReading] = []
        for back in 0...60 {
            for hour in Int64(0)..<24 where back > 0 || hour < 14 {
                let start = try #require(ZoneRules.utc.instant(Self.eventDay + -back, at: .hours(hour)))
                before.append(IntervalReading(start: start, duration: .hours(1), energy: .kilowattHours(10)))
            }
        }
        let spoiled = BaselineContext(
            event: plain.event, history: try MeterHistory(before + readings, zone: .utc), calendar: plain.calendar)
        let warm: Set = [
            BaselineRule.caisoWeatherMatching, .timeOfWeekAndTemperature, .timeOfWeekAndTemperatureUnadjusted,
        ]
        for rule in BaselineRule.standard where !warm.contains(rule) && rule != BaselineRule.controlGroup {
            #expect(try rule.baseline(spoiled) == rule.baseline(plain), "\(rule.id)")
        }
    }

    @Test func `too few days are refused with what was found`() throws {
        let context = try context(daysBack: 5) { _, _ in 10 }
        #expect {
            try BaselineRule.caiso10of10.baseline(context)
        } throws: { error in
            (error as? BaselineRefusal)?.reason == .tooFewDays(found: 3, needed: 5)
                && (error as? BaselineRefusal)?.considered.count == 45
        }
    }

    @Test func `a programme falls back to its next rule when days are too few`() throws {
        let rule = BaselineRule(
            id: "three-days", version: "1",
            selection: .likeDays(
                LikeDays(lookBack: 10, wanted: .init(business: 3, other: 2), atLeast: .init(business: 3, other: 2))),
            adjustment: nil)
        let terms = try ProgramTerms(
            program: ProgramID(1), version: "1", validFrom: Instant(secondsSinceEpoch: 0),
            baselineRules: [.caiso10of10, rule],
            payment: .energy(.init(price: EnergyPrice(micros: 1, currency: .usd))))
        let context = try context(daysBack: 5) { _, _ in 10 }
        #expect(try terms.baseline(context).ruleID == "three-days")
        let empty = try self.context(daysBack: 1) { _, _ in 10 }
        #expect {
            try terms.baseline(empty)
        } throws: { ($0 as? BaselineRefusal)?.ruleID == "caiso-10-of-10" }
    }

    @Test func `a day with one missing hour is not used`() throws {
        let gap = Self.eventDay + -1
        let context = try context { day, hour in day == gap && hour == 3 ? nil : 10 }
        let baseline = try BaselineRule.caiso10of10.baseline(context)
        #expect(baseline.considered.first == ConsideredDay(day: gap, verdict: .rejected(.gap)))
    }

    @Test func `a day of 23 hours counts, and is left out where the event's hours were skipped`() throws {
        let spring = CivilDay(year: 2017, month: 3, day: 12)
        let saturday = CivilDay(year: 2017, month: 3, day: 18)
        let calendar = DayCalendar(zone: .newYork2017)
        let afternoon = try context(calendar: calendar, zone: .newYork2017, day: saturday) { _, _ in 10 }
        let used = try BaselineRule.caiso10of10.baseline(afternoon).daysUsed
        #expect(used.first == spring)
        let night = try context(calendar: calendar, eventHour: 2, hours: 1, zone: .newYork2017, day: saturday) { _, _ in
            10
        }
        let baseline = try BaselineRule.caiso10of10Unadjusted.baseline(night)
        #expect(baseline.considered.contains(ConsideredDay(day: spring, verdict: .rejected(.skippedHour))))
    }

    @Test func `an event in the hour that comes twice has an interval for each`() throws {
        let autumn = CivilDay(year: 2017, month: 11, day: 5)
        let calendar = DayCalendar(zone: .newYork2017)
        let context = try context(
            calendar: calendar, eventHour: 1, hours: 2, zone: .newYork2017, day: autumn
        ) { _, hour in Double(hour) }
        let baseline = try BaselineRule.caiso10of10Unadjusted.baseline(context)
        #expect(baseline.intervals.map(\.power.kilowatts) == [1, 1])
    }

    @Test func `the five highest of ten`() throws {
        let context = try context { day, _ in Double((Self.eventDay - day) % 7) }
        let baseline = try BaselineRule.caiso5of10.baseline(context)
        #expect(baseline.daysUsed.map { Self.eventDay - $0 } == [6, 13, 5, 12, 2])
    }

    @Test func `the nearest days in temperature, and none without the event day's`() throws {
        let temperatures = Dictionary(
            uniqueKeysWithValues: (0...60).map { (Self.eventDay + -$0, $0 == 0 ? 20.0 : Double($0)) })
        let context = try context(temperatures: temperatures) { _, _ in 10 }
        let baseline = try BaselineRule.caisoWeatherMatching.baseline(context)
        #expect(baseline.daysUsed.map { Self.eventDay - $0 } == [20, 19, 21, 22])
        let unknown = try self.context { _, _ in 10 }
        #expect {
            try BaselineRule.caisoWeatherMatching.baseline(unknown)
        } throws: { ($0 as? BaselineRefusal)?.reason == .unknownTemperature }
    }

    @Test func `PJM's additive adjustment never goes below zero`() throws {
        let context = try context { day, hour in
            day == Self.eventDay ? 0 : (hour == 15 ? 3 : 10)
        }
        let baseline = try BaselineRule.pjm4of5.baseline(context)
        #expect(baseline.adjustment.isAdditive && baseline.adjustment.applied == -10_000)
        #expect(baseline.intervals.map(\.power.kilowatts) == [0, 0])
    }

    @Test func `PJM replaces days of little use`() throws {
        let low = Self.eventDay + -2
        let context = try context { day, _ in day == low ? 1 : 10 }
        let baseline = try BaselineRule.pjm4of5Unadjusted.baseline(context)
        #expect(!baseline.daysUsed.contains(low))
        #expect(baseline.considered.contains(ConsideredDay(day: low, verdict: .rejected(.lowUse))))
    }

    @Test func `an event that is empty, crosses midnight or lies between steps is refused`() throws {
        let context = try context { _, _ in 10 }
        func reason(_ start: Int64, _ duration: TimeSpan) throws -> BaselineRefusal.Reason? {
            let start = try #require(ZoneRules.utc.instant(Self.eventDay, at: .minutes(start)))
            let event = TimeWindow(start: start, duration: duration)
            let shifted = BaselineContext(event: event, history: context.history, calendar: context.calendar)
            do {
                _ = try BaselineRule.caiso10of10.baseline(shifted)
                return nil
            } catch { return error.reason }
        }
        #expect(try reason(15 * 60, .zero) == .eventNotWithinDay)
        #expect(try reason(23 * 60, .hours(2)) == .eventNotWithinDay)
        #expect(try reason(15 * 60 + 30, .hours(1)) == .unalignedEvent)
        #expect(try reason(15 * 60, .minutes(90)) == .unalignedEvent)
        #expect(try reason(22 * 60, .hours(2)) == nil)
    }

    @Test func `readings that are no history are refused`() throws {
        let start = Instant(year: 2026, month: 1, day: 1)
        func reading(_ minutes: Int64, _ length: Int64 = 15) -> IntervalReading {
            IntervalReading(start: start + .minutes(minutes), duration: .minutes(length), energy: WattHours(1))
        }
        #expect(throws: MeterHistory.Flaw.noReadings) { try MeterHistory([], zone: .utc) }
        #expect(throws: MeterHistory.Flaw.repeated(start)) { try MeterHistory([reading(0), reading(0)], zone: .utc) }
        #expect(throws: MeterHistory.Flaw.unaligned(start + .minutes(20))) {
            try MeterHistory([reading(0), reading(20)], zone: .utc)
        }
        #expect(throws: MeterHistory.Flaw.unaligned(start + .minutes(15))) {
            try MeterHistory([reading(0), reading(15, 30)], zone: .utc)
        }
        #expect(throws: MeterHistory.Flaw.unusableStep(.minutes(7))) { try MeterHistory([reading(0, 7)], zone: .utc) }
        #expect(throws: MeterHistory.Flaw.unusableStep(.hours(2))) { try MeterHistory([reading(0, 120)], zone: .utc) }
    }

    @Test(arguments: [Int64(5), 15, 30, 60])
    func `every meter step gives the same energy`(minutes: Int64) throws {
        var readings: [IntervalReading] = []
        for back in 1...20 {
            for window in try #require(ZoneRules.utc.window(of: Self.eventDay + -back)).intervals(
                every: .minutes(minutes))
            {
                readings.append(
                    IntervalReading(
                        start: window.start, duration: window.duration, energy: Watts(4_000) * window.duration))
            }
        }
        let start = try #require(ZoneRules.utc.instant(Self.eventDay, at: .hours(15)))
        let context = BaselineContext(
            event: TimeWindow(start: start, duration: .hours(2)), history: try MeterHistory(readings, zone: .utc),
            calendar: DayCalendar(zone: .utc))
        let baseline = try BaselineRule.caiso10of10.baseline(context)
        #expect(baseline.intervals.count == Int(120 / minutes))
        #expect(abs(baseline.intervals.reduce(0) { $0 + $1.energy.value } - 8_000) < 1e-6)
    }

    @Test func `canonical parameters tell every standard rule apart`() {
        let texts = BaselineRule.standard.map(\.canonicalParameters)
        #expect(Set(texts).count == texts.count)
        #expect(
            BaselineRule.caiso10of10.canonicalParameters
                == "selection=like-days;lookBack=45;wanted=10/4;atLeast=5/4;highest=all;"
                + "adjustment=factor 0.8...1.2;window=-14400s...-3600s")
    }

    @Test func `an adjustment cannot come nearer to the event than an hour`() {
        #expect(SameDayAdjustment(.additive, endsBefore: .minutes(59)) == nil)
        #expect(SameDayAdjustment(.additive, startsBefore: .hours(1), endsBefore: .hours(1)) == nil)
        #expect(SameDayAdjustment(.additive) != nil)
    }
}
