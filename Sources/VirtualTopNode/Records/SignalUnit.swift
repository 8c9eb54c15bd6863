public import OpenADR

/// The unit of a signal's numbers, always without a power of ten before it.
public enum SignalUnit: Hashable, Sendable {
    /// W, VA or VAr.
    case power(PowerKind)
    /// Wh, VAh or VArh.
    case energy(PowerKind)
    case currency(CurrencyBase, CurrencyCode)
    case voltage
    case current
    case frequency
    case therm
    case temperature(TemperatureUnit)
    /// Of signals that two parties agreed on: what it measures, and in what.
    case custom(description: String, unit: String)

    private static let powers: [PowerKind: String] = [.real: "W", .apparent: "VA", .reactive: "VAr"]
    private static let bases: [CurrencyBase: String] = [
        .amount: "", .perKilowattHour: "/kWh", .perKilowatt: "/kW", .perTherm: "/thm",
    ]
    private static let plain: [String: SignalUnit] = [
        "V": .voltage, "A": .current, "Hz": .frequency, "thm": .therm, "celsius": .temperature(.celsius),
        "fahrenheit": .temperature(.fahrenheit),
    ]

    /// How people and stores write it: `W`, `VArh`, `EUR/kWh`, `USD`, `celsius`, or `description: unit`.
    public var word: String {
        switch self {
        case .power(let kind): Self.powers[kind] ?? ""
        case .energy(let kind): (Self.powers[kind] ?? "") + "h"
        case .currency(let base, let code): code.rawValue + (Self.bases[base] ?? "")
        case .custom(let description, let unit): "\(description): \(unit)"
        default: Self.plain.first { $0.value == self }?.key ?? ""
        }
    }

    /// Nil for a word that names no unit.
    public init?(word: String) {
        if let plain = Self.plain[word] {
            self = plain
        } else if let power = Self.powers.first(where: { $0.value == word })?.key {
            self = .power(power)
        } else if let energy = Self.powers.first(where: { $0.value + "h" == word })?.key {
            self = .energy(energy)
        } else if let code = CurrencyCode(rawValue: String(word.prefix(3))),
            let base = Self.bases.first(where: { $0.value == word.dropFirst(3) })?.key
        {
            self = .currency(base, code)
        } else if let colon = word.firstRange(of: ": "), colon.lowerBound > word.startIndex {
            self = .custom(description: String(word[..<colon.lowerBound]), unit: String(word[colon.upperBound...]))
        } else {
            return nil
        }
    }

    /// On the wire.
    func itemBase(grid: PowerAttributes) -> ItemBase {
        switch self {
        case .power(let kind): .power(kind, attributes: grid)
        case .energy(let kind): .energy(kind)
        case .currency(let base, let code): .currency(base, code: code)
        case .voltage: .voltage()
        case .current: .current()
        case .frequency: .frequency()
        case .therm: .therm()
        case .temperature(let unit): .temperature(unit)
        case .custom(let description, let unit): .custom(description: description, unit: unit)
        }
    }
}
