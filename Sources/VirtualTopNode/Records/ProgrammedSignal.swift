import OpenADR

/// What one VEN is asked to do, step by step, in one of the event's languages.
public struct ProgrammedSignal: Hashable, Codable, Sendable {
    /// The signals that the VTN issues; R 510 names the first three as the least of a VTN.
    public enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
        /// SIMPLE/level: 0 normal, 1 moderate, 2 high, 3 special.
        case simpleLevel
        /// LOAD_DISPATCH/setpoint: the load to keep, in W.
        case loadDispatchSetpoint
        /// LOAD_DISPATCH/delta: the change against the agreed baseline, in W; negative sheds.
        case loadDispatchDelta
        /// ELECTRICITY_PRICE/price in EUR per kWh.
        case electricityPriceEUR
        /// ELECTRICITY_PRICE/price in USD per kWh.
        case electricityPriceUSD
    }

    public let kind: Kind
    /// One per step of the event.
    public let values: [Double]

    /// Nil unless every value is finite and, for SIMPLE, 0, 1, 2 or 3 (rule 9).
    public init?(_ kind: Kind, values: [Double]) {
        guard values.allSatisfy({ $0.isFinite && (kind != .simpleLevel || [0, 1, 2, 3].contains($0)) }) else {
            return nil
        }
        self.kind = kind
        self.values = values
    }

    /// Name, type and unit on the wire (rule 104).
    var profile: (name: SignalName, type: SignalType, itemBase: ItemBase?) {
        switch kind {
        case .simpleLevel: (.simple, .level, nil)
        case .loadDispatchSetpoint: (.loadDispatch, .setpoint, .realPower())
        case .loadDispatchDelta: (.loadDispatch, .delta, .realPower())
        case .electricityPriceEUR: (.electricityPrice, .price, .currency(.perKilowattHour, code: .eur))
        case .electricityPriceUSD: (.electricityPrice, .price, .currency(.perKilowattHour, code: .usd))
        }
    }
}
