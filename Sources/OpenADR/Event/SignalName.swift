/// `ei:signalName`.
public struct SignalName: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: String

    /// Nil unless the word is the standard's or begins with `x-`.
    public init?(rawValue: String) {
        // The lower-case spelling is deprecated, but means the same signal.
        let rawValue = rawValue == "simple" ? "SIMPLE" : rawValue
        guard isExtension(rawValue) || Self.standard.contains(where: { $0.rawValue == rawValue }) else { return nil }
        self.rawValue = rawValue
    }

    private init(_ word: String) { rawValue = word }

    public static let simple = SignalName("SIMPLE")
    public static let electricityPrice = SignalName("ELECTRICITY_PRICE")
    public static let energyPrice = SignalName("ENERGY_PRICE")
    public static let demandCharge = SignalName("DEMAND_CHARGE")
    public static let bidPrice = SignalName("BID_PRICE")
    public static let bidLoad = SignalName("BID_LOAD")
    public static let bidEnergy = SignalName("BID_ENERGY")
    public static let chargeState = SignalName("CHARGE_STATE")
    public static let loadDispatch = SignalName("LOAD_DISPATCH")
    public static let loadControl = SignalName("LOAD_CONTROL")

    /// The standard's own words.
    public static let standard: [SignalName] = [
        .simple, .electricityPrice, .energyPrice, .demandCharge, .bidPrice, .bidLoad, .bidEnergy, .chargeState,
        .loadDispatch, .loadControl,
    ]
}

/// `ei:signalType`: how a signal's value is meant. The list is closed.
public enum SignalType: String, Hashable, Codable, Sendable, CaseIterable {
    case delta
    case level
    case multiplier
    case price
    case priceMultiplier
    case priceRelative
    case setpoint
    case loadControlCapacity = "x-loadControlCapacity"
    case loadControlLevelOffset = "x-loadControlLevelOffset"
    case loadControlPercentOffset = "x-loadControlPercentOffset"
    case loadControlSetpoint = "x-loadControlSetpoint"
}
