/// `oadrDataQuality`: how far a value can be trusted.
public struct DataQuality: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: String

    /// Nil unless the word is the standard's or begins with `x-`.
    public init?(rawValue: String) {
        guard isExtension(rawValue) || Self.standard.contains(where: { $0.rawValue == rawValue }) else { return nil }
        self.rawValue = rawValue
    }

    private init(_ word: String) { rawValue = word }

    public static let noValue = DataQuality("No Quality - No Value")
    public static let previousValueUsed = DataQuality("No New Value - Previous Value Used")
    public static let badNonSpecific = DataQuality("Quality Bad - Non Specific")
    public static let badConfigurationError = DataQuality("Quality Bad - Configuration Error")
    public static let badNotConnected = DataQuality("Quality Bad - Not Connected")
    public static let badDeviceFailure = DataQuality("Quality Bad - Device Failure")
    public static let badSensorFailure = DataQuality("Quality Bad - Sensor Failure")
    public static let badLastKnownValue = DataQuality("Quality Bad - Last Known Value")
    public static let badCommFailure = DataQuality("Quality Bad - Comm Failure")
    public static let badOutOfService = DataQuality("Quality Bad - Out of Service")
    public static let uncertainNonSpecific = DataQuality("Quality Uncertain - Non Specific")
    public static let uncertainLastUsableValue = DataQuality("Quality Uncertain - Last Usable Value")
    public static let uncertainSensorNotAccurate = DataQuality("Quality Uncertain - Sensor Not Accurate")
    public static let uncertainEUUnitsExceeded = DataQuality("Quality Uncertain - EU Units Exceeded")
    public static let uncertainSubNormal = DataQuality("Quality Uncertain - Sub Normal")
    public static let goodNonSpecific = DataQuality("Quality Good - Non Specific")
    public static let goodLocalOverride = DataQuality("Quality Good - Local Override")
    public static let limitFieldNot = DataQuality("Quality Limit - Field/Not")
    public static let limitFieldLow = DataQuality("Quality Limit - Field/Low")
    public static let limitFieldHigh = DataQuality("Quality Limit - Field/High")
    public static let limitFieldConstant = DataQuality("Quality Limit - Field/Constant")

    /// The standard's own words.
    public static let standard: [DataQuality] = [
        .noValue, .previousValueUsed, .badNonSpecific, .badConfigurationError, .badNotConnected, .badDeviceFailure,
        .badSensorFailure, .badLastKnownValue, .badCommFailure, .badOutOfService, .uncertainNonSpecific,
        .uncertainLastUsableValue, .uncertainSensorNotAccurate, .uncertainEUUnitsExceeded, .uncertainSubNormal,
        .goodNonSpecific, .goodLocalOverride, .limitFieldNot, .limitFieldLow, .limitFieldHigh, .limitFieldConstant,
    ]
}

extension DataQuality {
    /// A bad or missing value is a placeholder (rule 318).
    public var isUsable: Bool { self != .noValue && !rawValue.hasPrefix("Quality Bad") }
}
