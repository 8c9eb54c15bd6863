import DemandResponse
import Foundation
import Measures
import Testing

/// What terms can say beside a price: each with numbers that can be followed by hand. The site's baseline is 20 kW over
/// two hours in quarter-hours.
@Suite struct ProgramOptionTests {
    private static let price = EnergyPrice(micros: 1_000_000, currency: .usd)

    private static func terms(
        _ payment: ProgramTerms.Payment = .energy(.init(price: price)), options: SettlementOptions = .standard
    ) throws -> ProgramTerms {
        try ProgramTerms(
            program: ProgramID(7), version: "v", validFrom: Instant(secondsSinceEpoch: 0),
            baselineRules: [.caiso10of10Unadjusted], payment: payment, options: options)
    }

    private static func site(
        _ kilowatts: Double, _ meter: Int64 = 1, pledge: Double? = nil, participation: Participation = .optedIn,
        qualities: [Instant: ReadingQuality] = [:], prices: [Instant: EnergyPrice] = [:],
        past: [Double] = [], beside: Double? = nil
    ) throws -> SiteEvent {
        var readings = SettlementTests.readings([Double?](repeating: kilowatts, count: 8))
        if let beside {
            for quarter in [-4, -3, -2, -1, 8, 9, 10, 11, 12, 13, 14, 15] {
                readings.append(
                    IntervalReading(
                        start: SettlementTests.start + .minutes(15) * Int64(quarter), duration: .minutes(15),
                        energy: .kilowatts(beside) * .minutes(15)))
            }
        }
        return SiteEvent(
            meter: MeterID(meter), participation: participation, baseline: try SettlementTests.baseline(kilowatts: 20),
            readings: readings, qualities: qualities, pledge: pledge.map(Watts.kilowatts), prices: prices,
            past: past.enumerated().map { PastPerformance(event: ProgramEventID("p\($0)"), performance: $1) })
    }

    private static func cents(_ terms: ProgramTerms, _ site: SiteEvent) throws -> Int64 {
        try terms.settle(ProgramEventID("e"), [site]).total.minorUnits
    }

    /// Performance 1, 0.8, 0.6 and 0.4 of a pledge of 10 kW at 18 USD a kilowatt.
    @Test(arguments: [(10.0, Int64(18_000)), (12, 14_400), (14, 5_400), (16, 0)])
    func `a capacity payment follows its curve`(kilowatts: Double, capacity: Int64) throws {
        var options = SettlementOptions.standard
        options.capacity = .init(ratePerKilowatt: .cents(1_800))
        let terms = try Self.terms(.energy(.init(price: EnergyPrice(micros: 0, currency: .usd))), options: options)
        #expect(try Self.cents(terms, Self.site(kilowatts, pledge: 10)) == capacity)
    }

    @Test func `a firm contract is charged for what it missed, a late opt-out like one`() throws {
        var options = SettlementOptions.standard
        options.capacity = .init(ratePerKilowatt: .cents(1_000), curve: .firm(rate: 2))
        let terms = try Self.terms(.energy(.init(price: EnergyPrice(micros: 0, currency: .usd))), options: options)
        // 2 x (0.4 - 0.5) of 100 USD.
        #expect(try Self.cents(terms, Self.site(16, pledge: 10)) == -2_000)
        #expect(try Self.cents(terms, Self.site(10, pledge: 10, participation: .optedOutLate)) == -10_000)
        #expect(try Self.cents(terms, Self.site(10, pledge: 10, participation: .optedOutInTime)) == 0)
    }

    @Test func `a tier multiplies the energy payment by the latest events`() throws {
        var options = SettlementOptions.standard
        options.tiers = [.init(from: 0.5, multiplierMicros: 1_200_000), .init(from: 0.9, multiplierMicros: 2_000_000)]
        options.tierEvents = 2
        let terms = try Self.terms(options: options)
        #expect(try Self.cents(terms, Self.site(10)) == 2_000)
        #expect(try Self.cents(terms, Self.site(10, past: [1, 0.2, 0.3])) == 2_000)
        #expect(try Self.cents(terms, Self.site(10, past: [0, 0.5, 0.7])) == 2_400)
        #expect(try Self.cents(terms, Self.site(10, past: [0, 0.9, 1])) == 4_000)
    }

    @Test func `a pool is shared to the last cent in proportion to the reductions`() throws {
        let terms = try Self.terms(.pool(.init(budget: .cents(10_000))))
        let sites = try [Self.site(10, 1), Self.site(15, 2), Self.site(15, 3), Self.site(25, 4)]
        let settled = try terms.settle(ProgramEventID("e"), sites)
        #expect(settled.sites.map(\.payment.minorUnits) == [5_000, 2_500, 2_500, 0])
        let three = try terms.settle(
            ProgramEventID("e"), [Self.site(10, 1), Self.site(10, 2), Self.site(10, 3)])
        #expect(three.total == .cents(10_000) && Set(three.sites.map(\.payment.minorUnits)) == [3_333, 3_334])
        #expect(try terms.settle(ProgramEventID("e"), [Self.site(25)]).total == .cents(0))
    }

    @Test func `the market's price is passed on, and a negative or low one pays nothing`() throws {
        let terms = try Self.terms(
            .market(.init(shareMicros: 500_000, leastPrice: EnergyPrice(micros: 30_000, currency: .usd))))
        let starts = (0..<8).map { SettlementTests.start + .minutes(15) * Int64($0) }
        let micros: [Int64] = [100_000, 100_000, 29_999, -5_000_000, 400_000, 400_000, 400_000, 400_000]
        let prices = Dictionary(
            uniqueKeysWithValues: zip(starts, micros.map { EnergyPrice(micros: $0, currency: .usd) }))
        // 2.5 kWh each: half of 2 x 0.25 + 4 x 1.00 USD.
        #expect(try Self.cents(terms, Self.site(10, prices: prices)) == 225)
        #expect(try Self.cents(terms, Self.site(30, prices: prices)) == 0)
        var incomplete = prices
        incomplete[starts[3]] = nil
        #expect(throws: SettlementError.noPrice(MeterID(1), starts[3])) {
            try terms.settle(Self.site(10, prices: incomplete))
        }
        var foreign = prices
        foreign[starts[1]] = EnergyPrice(micros: 100_000, currency: .eur)
        #expect(throws: SettlementError.differentCurrency(MeterID(1), starts[1])) {
            try terms.settle(Self.site(10, prices: foreign))
        }
    }

    @Test func `a firm service level charges the excess only`() throws {
        let terms = try Self.terms(
            .firmServiceLevel(.init(excessPrice: EnergyPrice(micros: 6_000_000, currency: .usd))))
        #expect(try Self.cents(terms, Self.site(8, pledge: 10)) == 0)
        // 2 kW above for two hours at 6 USD.
        #expect(try Self.cents(terms, Self.site(12, pledge: 10)) == -2_400)
        #expect(try terms.settle(Self.site(12, pledge: 10)).performance == 0.8)
    }

    @Test func `snap-back and the rise before are shown, and netted where the terms say so`() throws {
        // 5 kW above the baseline for the hour before and the two hours after.
        let shown = try Self.terms().settle(Self.site(10, beside: 25))
        #expect(shown.snapBack == 10_000 && shown.preEventRise == 5_000 && shown.paidEnergy == 20_000)
        var options = SettlementOptions.standard
        options.snapBack = .init(span: .hours(1), isNetted: true)
        let netted = try Self.terms(options: options).settle(Self.site(10, beside: 25))
        #expect(netted.snapBack == 5_000 && netted.paidEnergy == 15_000)
        options.preEventRise.isNetted = true
        #expect(try Self.terms(options: options).settle(Self.site(10, beside: 25)).paidEnergy == 10_000)
        #expect(try Self.terms().settle(Self.site(10)).snapBack == 0)
    }

    @Test func `a deadband, limits in money and suspect readings`() throws {
        var options = SettlementOptions.standard
        options.deadband = 100
        // 0.2 kW is 50 Wh a quarter-hour.
        #expect(try Self.cents(Self.terms(options: options), Self.site(19.8)) == 0)
        #expect(try Self.cents(Self.terms(), Self.site(19.8)) == 40)
        options.mostPaid = .cents(1_500)
        #expect(try Self.cents(Self.terms(options: options), Self.site(10)) == 1_500)
        let settled = try Self.terms(options: options).settle(Self.site(10))
        #expect(settled.parts.map(\.kind) == [.energy, .limit])
        #expect(settled.parts.reduce(0) { $0 + $1.amount.parts } == settled.amount.parts)

        let suspect = [SettlementTests.start: ReadingQuality.suspect]
        let waiting = try Self.terms().settle(Self.site(10, qualities: suspect))
        #expect(waiting.state == .waiting(measuredShare: 0.875) && waiting.intervals[0].actual == nil)
        let estimated = [SettlementTests.start: ReadingQuality.estimated]
        #expect(try Self.cents(Self.terms(), Self.site(10, qualities: estimated)) == 2_000)
        options.acceptsEstimates = false
        #expect(try Self.terms(options: options).settle(Self.site(10, qualities: estimated)).amount.parts == 0)
    }

    @Test func `the deadline decides what an opt-out means`() throws {
        var options = SettlementOptions.standard
        options.optOutDeadline = .hours(2)
        let terms = try Self.terms(options: options)
        let start = SettlementTests.start
        #expect(terms.participation(optedOutAt: nil, start: start) == .optedIn)
        #expect(terms.participation(optedOutAt: start - .hours(2), start: start) == .optedOutInTime)
        #expect(terms.participation(optedOutAt: start - .hours(2) + .seconds(1), start: start) == .optedOutLate)
    }

    @Test func `a sheet's rounding is each payment's own`() throws {
        var options = SettlementOptions.standard
        let third = ProgramTerms.Payment.energy(.init(price: EnergyPrice(micros: 303, currency: .usd)))
        let sites = try (1...3).map { try Self.site(10, $0) }
        // 20 kWh at 0.000303 USD is 0.606 cents: three of them are 1.818.
        #expect(try Self.terms(third).settle(ProgramEventID("e"), sites).total == .cents(2))
        options.rounding = .eachPayment
        #expect(try Self.terms(third, options: options).settle(ProgramEventID("e"), sites).total == .cents(3))
    }

    @Test func `terms come back from their document, and wrong ones do not`() throws {
        var options = SettlementOptions.standard
        options.capacity = .init(ratePerKilowatt: .cents(1_800))
        options.admission = AdmissionTest()
        options.holidays = [CivilDay(year: 2026, month: 7, day: 4)]
        options.calendarVersion = "us-2026"
        let payments: [ProgramTerms.Payment] = [
            .energy(.init(price: Self.price, floor: .excess(upTo: .kilowattHours(3)), cap: 1.2)),
            .pool(.init(budget: .cents(5))), .nomination(.init(ratePerKilowatt: .cents(280))),
            .market(.init(leastPrice: Self.price)), .firmServiceLevel(.init(excessPrice: Self.price)),
        ]
        for payment in payments {
            let rules = [BaselineRule.counterfactual, .caiso10of10].compactMap(\.self)
            let terms = try ProgramTerms(
                program: ProgramID(3), version: "9", validFrom: SettlementTests.start, baselineRules: rules,
                payment: payment, options: options)
            let text = try JSONEncoder().encode(ProgramTerms.Document(terms))
            let document = try JSONDecoder().decode(ProgramTerms.Document.self, from: text)
            #expect(try document.terms(of: ProgramID(3)) == terms)
            #expect(throws: ProgramTermsError.unknownRule(id: rules[0].id, version: "1.0.0")) {
                try document.terms(of: ProgramID(3), rules: [.caiso10of10])
            }
        }
        options.mostPaid = Money(minorUnits: 1, currency: .eur)
        #expect(throws: ProgramTermsError.differentCurrencies) { try Self.terms(options: options) }
        options.mostPaid = .cents(-1)
        #expect(throws: ProgramTermsError.unusableLimit) { try Self.terms(options: options) }
        options.mostPaid = nil
        options.capacity = .init(ratePerKilowatt: .cents(-1))
        #expect(throws: ProgramTermsError.negativePrice) { try Self.terms(options: options) }
        #expect(throws: ProgramTermsError.negativePrice) { try Self.terms(.pool(.init(budget: .cents(-1)))) }
    }

    @Test func `the number of threads does not change a bit`() async throws {
        let rules = [BaselineRule.counterfactual, .caiso10of10].compactMap(\.self)
        let terms = try ProgramTerms(
            program: ProgramID(3), version: "9", validFrom: SettlementTests.start, baselineRules: rules,
            payment: .energy(.init(price: EnergyPrice(micros: 333_333, currency: .usd))))
        var generator = SeededGenerator(seed: 4)
        let window = TimeWindow(start: SettlementTests.start, duration: .hours(2))
        let first = SettlementTests.start - .hours(15) - .days(40)
        let inputs = (1...6).map { meter in
            SettlementInputs(
                event: ProgramEventID("e"), window: window, meter: MeterID(meter), participation: .optedIn,
                pledge: nil, zone: .utc, step: .hours(1), first: first,
                // Meter 2 has no readings at all, meter 5 is two days old.
                energies: meter == 2
                    ? []
                    : (0..<(40 * 24 + 19)).map { place in
                        meter == 5 && place < 38 * 24 ? nil : 5_000 + 3_000 * generator.unit()
                    })
        }
        let one = try await SettlementRun.run(terms, ProgramEventID("e"), inputs, width: 1)
        let many = try await SettlementRun.run(terms, ProgramEventID("e"), inputs.reversed(), width: 8)
        #expect(one.settlement == many.settlement)
        #expect(one.refused.map(\.meter) == [MeterID(2), MeterID(5)])
        #expect(one.refused[0].refusal == .unusableReadings(.noReadings))
        let states = one.settlement.sites.map(\.settlement.state)
        #expect(states.count == 6 && states.count { $0 == .settled } == 4)
        #expect(states[1] == .waiting(measuredShare: 0) && one.settlement.sites[1].payment.minorUnits == 0)
        // Stored inputs give the same bits.
        let stored = try JSONDecoder().decode(
            [SettlementInputs].self, from: JSONEncoder().encode(inputs))
        #expect(stored == inputs)
        #expect(try await SettlementRun.run(terms, ProgramEventID("e"), stored, width: 3).settlement == one.settlement)
        await #expect(throws: SettlementError.repeatedMeter(MeterID(1))) {
            try await SettlementRun.run(terms, ProgramEventID("e"), [inputs[0], inputs[0]], width: 2)
        }
    }

    @Test func `doing nothing has a price where a baseline is noisy`() throws {
        let window = TimeWindow(start: SettlementTests.start, duration: .hours(2))
        func rent(_ payment: ProgramTerms.Payment, swing: Double) throws -> NoiseRent? {
            let terms = try ProgramTerms(
                program: ProgramID(3), version: "9", validFrom: SettlementTests.start,
                baselineRules: [.caiso10of10Unadjusted], payment: payment)
            // Every other day draws more, at all hours.
            let energies: [Double?] = (0..<(60 * 24)).map { place in
                10_000 + ((place / 24) % 2 == 0 ? swing : -swing)
            }
            let inputs = SettlementInputs(
                event: ProgramEventID("e"), window: window, meter: MeterID(1), participation: .optedIn, pledge: nil,
                zone: .utc, step: .hours(1), first: SettlementTests.start - .hours(15) - .days(59), energies: energies,
                prices: window.intervals(every: .hours(1)).map { _ in EnergyPrice(micros: 1_000_000, currency: .usd) })
            return terms.noiseRent(of: inputs, ruleID: BaselineRule.caiso10of10Unadjusted.id)
        }
        let energy = ProgramTerms.Payment.energy(.init(price: EnergyPrice(micros: 1_000_000, currency: .usd)))
        let market = ProgramTerms.Payment.market(.init(leastPrice: EnergyPrice(micros: 0, currency: .usd)))
        #expect(try rent(energy, swing: 0)?.minorUnits == 0)
        // About half of the days draw 1 kWh an hour less than the mean of all: some 100 cents an event, half the time
        // 200. The market's price is the same here.
        let noisy = try #require(try rent(energy, swing: 1_000)?.minorUnits)
        #expect((60...140).contains(noisy))
        #expect(try rent(market, swing: 1_000)?.minorUnits == noisy)
        let pool = try #require(try rent(.pool(.init(budget: .cents(500))), swing: 1_000))
        #expect(pool.minorUnits == nil && pool.accuracy.relativeError > 0.05)
    }
}
