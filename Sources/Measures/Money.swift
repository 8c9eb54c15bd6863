/// An ISO 4217 currency with two decimals.
public enum Currency: String, Hashable, Codable, Sendable {
    case eur = "EUR"
    case usd = "USD"
}

/// An amount of money in whole minor units (cents): it adds without rounding.
public struct Money: Hashable, Codable, Sendable {
    public var minorUnits: Int64
    public var currency: Currency

    public init(minorUnits: Int64, currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    /// Adds two amounts of one currency.
    public static func + (left: Money, right: Money) -> Money {
        precondition(left.currency == right.currency, "amounts of different currencies do not add")
        return Money(minorUnits: left.minorUnits + right.minorUnits, currency: left.currency)
    }

    public static prefix func - (amount: Money) -> Money {
        Money(minorUnits: -amount.minorUnits, currency: amount.currency)
    }
}

extension Money: CustomStringConvertible {
    /// `12.34 USD`
    public var description: String {
        let (whole, rest) = minorUnits.magnitude.quotientAndRemainder(dividingBy: 100)
        return "\(minorUnits < 0 ? "-" : "")\(whole).\(twoDigits(Int(rest))) \(currency.rawValue)"
    }
}
