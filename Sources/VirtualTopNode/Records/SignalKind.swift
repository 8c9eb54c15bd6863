public import OpenADR

/// What a signal speaks of: its name, how its numbers are meant, and their unit. Only what table 1 of the profile allows
/// can be made (rules 104 and 116); names of the form `x-…` are free.
public struct SignalKind: Hashable, Sendable {
    public let name: SignalName
    public let type: SignalType
    public let unit: SignalUnit?

    /// Nil for a combination that the standard does not know.
    public init?(_ name: SignalName, _ type: SignalType, unit: SignalUnit? = nil) {
        guard Self.isAllowed(name, type, unit) else { return nil }
        self.name = name
        self.type = type
        self.unit = unit
    }

    private init(known name: SignalName, _ type: SignalType, _ unit: SignalUnit?) {
        self.name = name
        self.type = type
        self.unit = unit
    }

    /// SIMPLE/level: 0 normal, 1 moderate, 2 high, 3 special.
    public static let simpleLevel = SignalKind(known: .simple, .level, nil)
    /// LOAD_DISPATCH/setpoint: the load to keep, in W.
    public static let loadDispatchSetpoint = SignalKind(known: .loadDispatch, .setpoint, .power(.real))
    /// LOAD_DISPATCH/delta: the change against the agreed baseline, in W; negative sheds.
    public static let loadDispatchDelta = SignalKind(known: .loadDispatch, .delta, .power(.real))
    /// ELECTRICITY_PRICE/price in EUR per kWh.
    public static let electricityPriceEUR = SignalKind(
        known: .electricityPrice, .price, .currency(.perKilowattHour, .eur))
    /// ELECTRICITY_PRICE/price in USD per kWh.
    public static let electricityPriceUSD = SignalKind(
        known: .electricityPrice, .price, .currency(.perKilowattHour, .usd))

    private static func isAllowed(_ name: SignalName, _ type: SignalType, _ unit: SignalUnit?) -> Bool {
        switch (name, type, unit) {
        case (.simple, .level, nil): true
        case (.electricityPrice, .price, .currency(.perKilowattHour, _)?),
            (.electricityPrice, .priceRelative, .currency(.perKilowattHour, _)?),
            (.energyPrice, .price, .currency(.perKilowattHour, _)?),
            (.energyPrice, .priceRelative, .currency(.perKilowattHour, _)?),
            (.demandCharge, .price, .currency(.perKilowatt, _)?),
            (.demandCharge, .priceRelative, .currency(.perKilowatt, _)?):
            true
        case (.electricityPrice, .priceMultiplier, nil), (.energyPrice, .priceMultiplier, nil),
            (.demandCharge, .priceMultiplier, nil):
            true
        case (.bidPrice, .price, .currency(.amount, _)?), (.bidLoad, .setpoint, .power?),
            (.bidEnergy, .setpoint, .energy?):
            true
        case (.chargeState, .setpoint, .energy?), (.chargeState, .delta, .energy?), (.chargeState, .multiplier, nil):
            true
        case (.loadDispatch, .setpoint, .power?), (.loadDispatch, .delta, .power?), (.loadDispatch, .level, .power?),
            (.loadDispatch, .multiplier, nil):
            true
        case (.loadControl, .loadControlCapacity, nil), (.loadControl, .loadControlLevelOffset, nil),
            (.loadControl, .loadControlPercentOffset, nil), (.loadControl, .loadControlSetpoint, nil):
            true
        default: name.rawValue.hasPrefix("x-")
        }
    }

    /// Whether the number is in the range of table 1.
    public func takes(_ value: Double) -> Bool {
        guard value.isFinite else { return false }
        return switch (name, type) {
        case (.simple, _): [0, 1, 2, 3].contains(value)
        case (.chargeState, .multiplier), (.loadControl, .loadControlCapacity): (0...1).contains(value)
        case (.loadDispatch, .level): (-10...10).contains(value) && value == value.rounded()
        case (.loadControl, .loadControlLevelOffset): value == value.rounded()
        default: true
        }
    }
}

extension SignalKind: Codable {
    /// The five that were there first have words of their own.
    private static let words: [String: SignalKind] = [
        "simpleLevel": .simpleLevel, "loadDispatchSetpoint": .loadDispatchSetpoint,
        "loadDispatchDelta": .loadDispatchDelta, "electricityPriceEUR": .electricityPriceEUR,
        "electricityPriceUSD": .electricityPriceUSD,
    ]

    /// Reads either form: the short word of a well-known kind, or `NAME/type` and `NAME/type/unit`.
    public init?(word: String) {
        if let known = Self.words[word] {
            self = known
            return
        }
        let parts = word.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2, let name = SignalName(rawValue: parts[0]), let type = SignalType(rawValue: parts[1])
        else { return nil }
        var unit: SignalUnit?
        if parts.count == 3 {
            guard let known = SignalUnit(word: parts[2]) else { return nil }
            unit = known
        }
        self.init(name, type, unit: unit)
    }

    /// How stores keep it.
    public var word: String { Self.words.first { $0.value == self }?.key ?? path }

    /// `NAME/type/unit` in the standard's words, such as `LOAD_DISPATCH/setpoint/W`.
    public var path: String {
        ([name.rawValue, type.rawValue] + (unit.map { [$0.word] } ?? [])).joined(separator: "/")
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let kind = SignalKind(word: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no such kind of signal")
        }
        self = kind
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(word)
    }
}
