public import Measures

/// A price of energy, exact to a millionth of the currency unit per kilowatt-hour.
public struct EnergyPrice: Hashable, Codable, Sendable {
    /// Millionths of the currency unit (dollar, euro) per kWh: 0.25 USD/kWh is 250,000.
    public let micros: Int64
    public let currency: Currency

    public init(micros: Int64, currency: Currency) {
        self.micros = micros
        self.currency = currency
    }

    /// A whole number of minor units (cents) per kWh.
    public init(perKilowattHour price: Money) {
        self.init(micros: price.minorUnits * 10_000, currency: price.currency)
    }

    /// Currency units per kWh, for planning; money is counted with `ExactAmount`.
    public var unitsPerKilowattHour: Double { Double(micros) / 1e6 }
}
