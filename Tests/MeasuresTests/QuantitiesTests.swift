import Measures
import Testing

@Suite struct QuantitiesTests {
    @Test(arguments: [
        (0, "0.00 USD"), (5, "0.05 USD"), (-5, "-0.05 USD"), (1_234, "12.34 USD"), (-123_456, "-1234.56 USD"),
        (Int64.min, "-92233720368547758.08 USD"),
    ])
    func `money is written with its sign and two decimals`(cents: Int64, text: String) {
        #expect(Money(minorUnits: cents, currency: .usd).description == text)
    }

    @Test func `money adds to the cent`() {
        let sum = (0..<1_000).reduce(Money(minorUnits: 0, currency: .eur)) { sum, _ in
            sum + Money(minorUnits: 10, currency: .eur)
        }
        #expect(sum == Money(minorUnits: 10_000, currency: .eur))
        #expect(-sum == Money(minorUnits: -10_000, currency: .eur))
    }

    @Test func `power over time is energy, and back`() {
        let energy = Watts.kilowatts(8) * .minutes(15)
        #expect(energy == .kilowattHours(2))
        #expect(energy.meanPower(over: .minutes(15)) == Watts(8_000))
        #expect((Watts(3) - Watts(5)).value == -2)
        #expect(WattHours(3) * 2 + WattHours(1) == WattHours(7))
    }
}
