/// `scale:siScaleCode`: the power of ten before a unit.
public enum SIScale: String, Hashable, Codable, Sendable, CaseIterable {
    case pico = "p"
    case nano = "n"
    case micro = "micro"
    case milli = "m"
    case centi = "c"
    case deci = "d"
    case none = "none"
    case kilo = "k"
    case mega = "M"
    case giga = "G"
    case tera = "T"

    /// What a value is multiplied with to be in the bare unit.
    public var factor: Double {
        switch self {
        case .pico: 1e-12
        case .nano: 1e-9
        case .micro: 1e-6
        case .milli: 1e-3
        case .centi: 1e-2
        case .deci: 1e-1
        case .none: 1
        case .kilo: 1e3
        case .mega: 1e6
        case .giga: 1e9
        case .tera: 1e12
        }
    }
}
