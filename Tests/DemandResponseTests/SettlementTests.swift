import DemandResponse
import Measures
import Testing

@Suite struct SettlementTests {
    static let start = Instant(year: 2026, month: 7, day: 1, hour: 15)

    /// Two hours of baseline at a constant load, from 20 days of quarter-hours.
    static func baseline(kilowatts: Double) throws -> Baseline {
        var readings: [IntervalReading] = []
        for back in Int64(1)...20 {
            let day = TimeWindow(start: Self.start - .hours(15) - .days(back), duration: .days(1))
            readings += day.intervals(every: .minutes(15)).map {
                IntervalReading(start: $0.start, duration: $0.duration, energy: .kilowatts(kilowatts) * $0.duration)
            }
        }
        let context = BaselineContext(
            event: TimeWindow(start: start, duration: .hours(2)), history: try MeterHistory(readings, zone: .utc),
            calendar: DayCalendar(zone: .utc))
        return try BaselineRule.caiso10of10Unadjusted.baseline(context)
    }

    static func readings(_ kilowatts: [Double?]) -> [IntervalReading] {
        kilowatts.enumerated().map { index, power in
            IntervalReading(
                start: start + .minutes(15 * Int64(index)), duration: .minutes(15),
                energy: power.map { .kilowatts($0) * .minutes(15) })
        }
    }

    static func terms(
        _ payment: ProgramTerms.Payment = .energy(.init(price: EnergyPrice(micros: 1_000_000, currency: .usd)))
    ) throws -> ProgramTerms {
        try ProgramTerms(
            program: ProgramID(7), version: "2026-1", validFrom: Instant(secondsSinceEpoch: 0),
            baselineRules: [.caiso10of10Unadjusted], payment: payment)
    }

    static func site(
        _ meter: Int64 = 1, baseline: Double = 20, actual: [Double?], participation: Participation = .optedIn,
        pledge: Double? = nil
    ) throws -> SiteEvent {
        SiteEvent(
            meter: MeterID(meter), participation: participation, baseline: try Self.baseline(kilowatts: baseline),
            readings: readings(actual), pledge: pledge.map(Watts.kilowatts))
    }

    @Test func `the reduction is paid by the kilowatt-hour`() throws {
        let site = try Self.terms().settle(
            Self.site(actual: [10, 10, 10, 10, 15, 15, 15, 25], pledge: 10))
        // 4 x 2.5 + 3 x 1.25 - 1.25 kWh: the negative interval counts.
        #expect(site.reduction == 12_500)
        #expect(site.intervals.last?.reduction == -1_250)
        #expect(site.state == .settled)
        #expect(site.performance == 0.625)
        #expect(LargestRemainder.round([site.amount]) == [.cents(1_250)])
    }

    @Test func `a site that drew more owes nothing, unless the terms say so`() throws {
        let more = try Self.site(actual: [Double?](repeating: 25, count: 8))
        #expect(try Self.terms().settle(more).amount.parts == 0)
        #expect(try Self.terms().settle(more).reduction == -10_000)
        let price = EnergyPrice(micros: 1_000_000, currency: .usd)
        let full = try Self.terms(.energy(.init(price: price, floor: .excess(upTo: .kilowattHours(50)))))
        #expect(LargestRemainder.round([try full.settle(more).amount]) == [.cents(-1_000)])
        let limited = try Self.terms(.energy(.init(price: price, floor: .excess(upTo: .kilowattHours(4)))))
        #expect(LargestRemainder.round([try limited.settle(more).amount]) == [.cents(-400)])
    }

    @Test func `pay is capped by the pledge`() throws {
        let terms = try Self.terms(
            .energy(.init(price: EnergyPrice(micros: 1_000_000, currency: .usd), cap: 1.5)))
        let site = try Self.site(actual: [Double?](repeating: 0, count: 8), pledge: 10)
        let settled = try terms.settle(site)
        #expect(settled.reduction == 40_000 && settled.paidEnergy == 30_000)
        #expect(settled.performance == 1.25)
    }

    @Test func `opting out in time leaves the site out, late makes its performance zero`() throws {
        let actual = [Double?](repeating: 10, count: 8)
        let inTime = try Self.terms().settle(Self.site(actual: actual, participation: .optedOutInTime, pledge: 10))
        #expect(inTime.state == .excluded && inTime.performance == nil && inTime.amount.parts == 0)
        let late = try Self.terms().settle(Self.site(actual: actual, participation: .optedOutLate, pledge: 10))
        #expect(late.state == .settled && late.performance == 0 && late.amount.parts == 0)
    }

    @Test func `an event waits until nineteen of twenty intervals are measured`() throws {
        var actual = [Double?](repeating: 10, count: 8)
        actual[3] = nil
        let waiting = try Self.terms().settle(Self.site(actual: actual))
        #expect(waiting.state == .waiting(measuredShare: 0.875))
        #expect(waiting.amount.parts == 0 && waiting.intervals[3].reduction == nil)
        let none = try Self.terms().settle(Self.site(actual: []))
        #expect(none.state == .waiting(measuredShare: 0))
        let patient = try ProgramTerms(
            program: ProgramID(7), version: "2", validFrom: Instant(secondsSinceEpoch: 0),
            baselineRules: [.caiso10of10], payment: Self.terms().payment, leastMeasuredShare: 0.8)
        let settled = try patient.settle(Self.site(actual: actual))
        #expect(settled.state == .settled && settled.reduction == 17_500)
    }

    @Test func `readings outside the event do not count, doubled ones are refused`() throws {
        let actual = [Double?](repeating: 10, count: 12)
        #expect(try Self.terms().settle(Self.site(actual: actual)).reduction == 20_000)
        let site = try Self.site(actual: [Double?](repeating: 10, count: 8))
        let doubled = SiteEvent(
            meter: site.meter, participation: .optedIn, baseline: site.baseline,
            readings: site.readings + [site.readings[2]])
        #expect(throws: SettlementError.repeatedReading(MeterID(1), Self.start + .minutes(30))) {
            try Self.terms().settle(doubled)
        }
    }

    @Test func `hostile numbers are refused`() throws {
        #expect(throws: SettlementError.self) { try Self.terms().settle(Self.site(actual: [.nan])) }
        #expect(throws: SettlementError.self) { try Self.terms().settle(Self.site(actual: [1e300])) }
        #expect(throws: SettlementError.self) { try Self.terms().settle(Self.site(actual: [1], pledge: -1)) }
        #expect(throws: SettlementError.self) { try Self.terms().settle(Self.site(actual: [1], pledge: .nan)) }
        let dear = try Self.terms(.energy(.init(price: EnergyPrice(micros: .max, currency: .usd))))
        #expect(throws: SettlementError.amountTooLarge(MeterID(1))) {
            try dear.settle(Self.site(actual: [Double?](repeating: 0, count: 8)))
        }
        let event = ProgramEventID("e")
        #expect(throws: SettlementError.repeatedMeter(MeterID(1))) {
            try Self.terms().settle(event, [Self.site(actual: [1]), Self.site(actual: [1])])
        }
    }

    @Test func `terms that pay wrongly cannot be made`() {
        let price = EnergyPrice(micros: -1, currency: .usd)
        #expect(throws: ProgramTermsError.negativePrice) { try Self.terms(.energy(.init(price: price))) }
        let fine = EnergyPrice(micros: 1, currency: .usd)
        #expect(throws: ProgramTermsError.unusableLimit) { try Self.terms(.energy(.init(price: fine, cap: .nan))) }
        #expect(throws: ProgramTermsError.unusableLimit) {
            try Self.terms(.energy(.init(price: fine, floor: .excess(upTo: WattHours(.infinity)))))
        }
    }

    @Test(arguments: [(0.0, Int64(2_800)), (10, 2_800), (15, 1_400), (20, 0), (25, 0)])
    func `a nomination pays by the factor up to one`(actual: Double, cents: Int64) throws {
        let terms = try Self.terms(.nomination(.init(ratePerKilowatt: .cents(280))))
        let site = try terms.settle(Self.site(actual: [Double?](repeating: actual, count: 8), pledge: 10))
        #expect(LargestRemainder.round([site.amount]) == [.cents(cents)])
    }

    @Test func `thirds of a cent add up to the cent`() throws {
        let third = ExactAmount(parts: 3_333_333, currency: .usd)
        #expect(LargestRemainder.round([third, third, third]) == [.cents(1), .cents(0), .cents(0)])
        let half = ExactAmount(parts: 5_000_000, currency: .usd)
        #expect(LargestRemainder.round([half]) == [.cents(1)])
        let minus = ExactAmount(parts: -5_000_000, currency: .usd)
        #expect(LargestRemainder.round([minus]) == [.cents(-1)])
        #expect(LargestRemainder.round([half, minus]) == [.cents(1), .cents(-1)])
        #expect(LargestRemainder.round([]) == [])
        #expect(LargestRemainder.round([half, ExactAmount(parts: 1, currency: .eur)]) == nil)
        #expect(LargestRemainder.round([.init(parts: .max, currency: .usd), half]) == nil)
    }

    @Test func `payments are within a cent of exact and add up to the total`() throws {
        var generator = SeededGenerator(seed: 17)
        for _ in 0..<500 {
            let unit = ExactAmount.partsPerMinorUnit
            let amounts = (0..<Int.random(in: 1...30, using: &generator)).map { _ in
                ExactAmount(parts: Int64.random(in: -50 * unit...200 * unit, using: &generator), currency: .usd)
            }
            let rounded = try #require(LargestRemainder.round(amounts))
            let exact = amounts.reduce(Int64(0)) { $0 + $1.parts }
            let total = rounded.reduce(Int64(0)) { $0 + $1.minorUnits }
            #expect(abs(total * unit - exact) <= unit / 2)
            for (amount, money) in zip(amounts, rounded) {
                #expect(abs(money.minorUnits * unit - amount.parts) < unit)
            }
        }
    }

    @Test func `an event's sites add up, whatever their order`() throws {
        let terms = try Self.terms(.energy(.init(price: EnergyPrice(micros: 333_333, currency: .usd))))
        let sites = try (1...9).map {
            try Self.site(
                $0, baseline: 20, actual: [Double?](repeating: Double($0) * 1.7, count: 8),
                participation: $0 == 4 ? .optedOutInTime : .optedIn)
        }
        let settled = try terms.settle(ProgramEventID("e"), sites)
        #expect(try terms.settle(ProgramEventID("e"), sites.reversed()) == settled)
        let sum = settled.sites.reduce(Int64(0)) { $0 + $1.payment.minorUnits }
        #expect(sum == settled.total.minorUnits)
        // 8 sites shed 20 - 1.7 n kW for 2 h, site 4 does not count: 2 x (160 - 1.7 x 41) = 180.6 kWh at 0.333333.
        #expect(settled.reduction == 180_600)
        #expect(settled.total == .cents(6_020))
        #expect(settled.sites[3].payment == .cents(0))
    }
}
