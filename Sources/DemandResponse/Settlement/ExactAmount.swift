public import Measures

/// An amount of money before rounding: minor units as a fraction of whole numbers, so that sums and comparisons of
/// payments are exact on every machine.
public struct ExactAmount: Hashable, Codable, Sendable {
    /// Parts of one minor unit: a price in millionths per kWh times whole watt-hours is counted in 1e-9 currency units,
    /// which is 1e-7 cents.
    public static let partsPerMinorUnit: Int64 = 10_000_000

    /// In 1e-7 minor units.
    public let parts: Int64
    public let currency: Currency

    public init(parts: Int64, currency: Currency) {
        self.parts = parts
        self.currency = currency
    }

    /// The price of whole watt-hours; nil when it is beyond 9e11 minor units.
    public init?(_ price: EnergyPrice, wattHours: Int64) {
        let (product, overflow) = price.micros.multipliedReportingOverflow(by: wattHours)
        guard !overflow else { return nil }
        self.init(parts: product, currency: price.currency)
    }
}

/// Rounding of parts so that they add up.
public enum LargestRemainder {
    /// Whole minor units for each amount: the sum is the exact sum rounded half away from zero, and each is its exact
    /// amount rounded down or up; the largest remainders are rounded up, the first of equals first.
    ///
    /// Nil for amounts of several currencies, or a sum beyond Int64.
    public static func round(_ amounts: [ExactAmount]) -> [Money]? {
        guard let currency = amounts.first?.currency else { return [] }
        guard amounts.allSatisfy({ $0.currency == currency }) else { return nil }
        let unit = ExactAmount.partsPerMinorUnit
        var sum: Int64 = 0
        for amount in amounts {
            let (next, overflow) = sum.addingReportingOverflow(amount.parts)
            guard !overflow else { return nil }
            sum = next
        }
        let floors = amounts.map { floor($0.parts, unit) }
        let total = roundHalfAway(sum, unit)
        let ups = Int(total - floors.reduce(0) { $0 + $1.quotient })
        let order = amounts.indices.sorted {
            (floors[$1].remainder, $0) < (floors[$0].remainder, $1)
        }
        var rounded = floors.map(\.quotient)
        for index in order.prefix(max(0, ups)) { rounded[index] += 1 }
        return rounded.map { Money(minorUnits: $0, currency: currency) }
    }

    private static func floor(_ value: Int64, _ unit: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: unit)
        return remainder < 0 ? (quotient - 1, remainder + unit) : (quotient, remainder)
    }

    private static func roundHalfAway(_ value: Int64, _ unit: Int64) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: unit)
        guard remainder.magnitude * 2 >= unit.magnitude else { return quotient }
        return value < 0 ? quotient - 1 : quotient + 1
    }
}

extension ExactAmount {
    static func zero(_ currency: Currency) -> ExactAmount { ExactAmount(parts: 0, currency: currency) }

    /// Rounded to its parts; nil when it is beyond 9e11 minor units or not a number.
    init?(minorUnits: Double, _ currency: Currency) {
        let parts = (minorUnits * Double(Self.partsPerMinorUnit)).rounded()
        guard parts.magnitude < 9e18 else { return nil }
        self.init(parts: Int64(parts), currency: currency)
    }

    /// A share in millionths, rounded half away from zero to a part.
    func times(micros: Int64) -> ExactAmount? {
        let product = Int128(parts) * Int128(micros)
        let half: Int128 = product < 0 ? -500_000 : 500_000
        return Int64(exactly: (product + half) / 1_000_000).map { ExactAmount(parts: $0, currency: currency) }
    }

    /// Nil for another currency, or a sum beyond Int64.
    static func sum(_ amounts: [ExactAmount], _ currency: Currency) -> ExactAmount? {
        var sum: Int64 = 0
        for amount in amounts {
            let (next, overflow) = sum.addingReportingOverflow(amount.parts)
            guard !overflow, amount.currency == currency else { return nil }
            sum = next
        }
        return ExactAmount(parts: sum, currency: currency)
    }

    /// Half away from zero.
    var rounded: Money {
        let (quotient, remainder) = parts.quotientAndRemainder(dividingBy: Self.partsPerMinorUnit)
        let up: Int64 = remainder.magnitude * 2 >= Self.partsPerMinorUnit.magnitude ? (parts < 0 ? -1 : 1) : 0
        return Money(minorUnits: quotient + up, currency: currency)
    }
}
