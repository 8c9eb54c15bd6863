/// What a number measures and in which unit: the elements that may stand for `emix:itemBase`.
public enum ItemBase: Hashable, Sendable {
    case power(PowerKind, unit: RealPowerUnit = .watt, scale: SIScale = .none, attributes: PowerAttributes)
    case energy(PowerKind, scale: SIScale = .none)
    case voltage(scale: SIScale = .none)
    case current(scale: SIScale = .none)
    case frequency(scale: SIScale = .none)
    case therm(scale: SIScale = .none)
    case temperature(TemperatureUnit, scale: SIScale = .none)
    case currency(CurrencyBase, code: CurrencyCode, scale: SIScale = .none)
    /// `factor` is the energy of one pulse, in the unit that both parties know.
    case pulseCount(factor: Double)
    case custom(description: String, unit: String, scale: SIScale = .none)
    /// What the numbers of a Green Button report mean stands in its own terms (`oadrGBDataDescription`).
    case greenButton(GreenButtonFeed)

    /// Real power in W (or kW with `.kilo`), as LOAD_DISPATCH and telemetry use it.
    public static func realPower(scale: SIScale = .none, attributes: PowerAttributes = .europe) -> ItemBase {
        .power(.real, scale: scale, attributes: attributes)
    }

    /// The power of ten before the unit.
    public var scale: SIScale {
        switch self {
        case .power(_, _, let scale, _), .energy(_, let scale), .voltage(let scale), .current(let scale),
            .frequency(let scale), .therm(let scale), .temperature(_, let scale), .currency(_, _, let scale),
            .custom(_, _, let scale):
            scale
        case .pulseCount, .greenButton: .none
        }
    }
}

/// Which of the three powers or energies of alternating current.
public enum PowerKind: String, Hashable, Codable, Sendable, CaseIterable {
    case real = "Real"
    case apparent = "Apparent"
    case reactive = "Reactive"
}

/// The unit of `power:powerReal`; the other two powers have one unit each and ignore it.
public enum RealPowerUnit: String, Hashable, Codable, Sendable, CaseIterable {
    case watt = "W"
    case joulePerSecond = "J/s"
}

/// `power:powerAttributes`: the grid that the power is measured in.
public struct PowerAttributes: Hashable, Sendable {
    public var hertz: Double
    public var voltage: Double
    public var isAlternating: Bool

    public init(hertz: Double, voltage: Double, isAlternating: Bool = true) {
        self.hertz = hertz
        self.voltage = voltage
        self.isAlternating = isAlternating
    }

    public static let europe = PowerAttributes(hertz: 50, voltage: 230)
    public static let northAmerica = PowerAttributes(hertz: 60, voltage: 120)
}

public enum TemperatureUnit: String, Hashable, Codable, Sendable, CaseIterable {
    case celsius
    case fahrenheit
}

/// What an amount of money is paid for; the raw value is the element's name.
public enum CurrencyBase: String, Hashable, Codable, Sendable, CaseIterable {
    case amount = "currency"
    case perKilowattHour = "currencyPerKWh"
    case perKilowatt = "currencyPerKW"
    case perTherm = "currencyPerThm"
}

/// Three letters of ISO 4217. Whether the currency exists is the schema's business.
public struct CurrencyCode: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: String

    /// Nil unless it is three capital letters.
    public init?(rawValue: String) {
        guard rawValue.utf8.count == 3,
            rawValue.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
        else { return nil }
        self.rawValue = rawValue
    }

    private init(known: String) { rawValue = known }

    public static let eur = CurrencyCode(known: "EUR")
    public static let usd = CurrencyCode(known: "USD")
}
