/// `espi:ReadingType`: what the numbers of a meter reading mean. The lists of ESPI are open: a code is any number of 16 bits.
public struct MeterReadingType: Hashable, Sendable {
    public var accumulation: AccumulationBehaviour?
    public var commodity: UInt16?
    public var consumptionTier: Int16?
    /// The number of ISO 4217.
    public var currency: UInt16?
    public var dataQualifier: UInt16?
    public var defaultQuality: ReadingQuality?
    public var flow: FlowDirection?
    /// Seconds.
    public var intervalLength: UInt32?
    public var kind: UInt16?
    public var phase: UInt16?
    /// The numbers are multiplied with ten to this power.
    public var powerOfTen: Int16?
    public var timeAttribute: UInt16?
    public var timeOfUse: Int16?
    public var unit: UnitSymbol?
    public var criticalPeak: Int16?
    public var measuringPeriod: UInt16?

    public init(
        accumulation: AccumulationBehaviour? = nil, commodity: UInt16? = nil, flow: FlowDirection? = nil,
        intervalLength: UInt32? = nil, powerOfTen: Int16? = nil, unit: UnitSymbol? = nil
    ) {
        self.accumulation = accumulation
        self.commodity = commodity
        self.flow = flow
        self.intervalLength = intervalLength
        self.powerOfTen = powerOfTen
        self.unit = unit
    }
}

/// ESPI's `uom`.
public struct UnitSymbol: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let watts = UnitSymbol(rawValue: 38)
    public static let wattHours = UnitSymbol(rawValue: 72)
}

/// ESPI's `accumulationBehaviour`.
public struct AccumulationBehaviour: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let bulkQuantity = AccumulationBehaviour(rawValue: 1)
    public static let cumulative = AccumulationBehaviour(rawValue: 3)
    public static let deltaData = AccumulationBehaviour(rawValue: 4)

    /// Whether the numbers are those that a meter shows.
    public var isRegister: Bool { self == .bulkQuantity || self == .cumulative }
}

/// ESPI's `flowDirection`.
public struct FlowDirection: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// To the customer.
    public static let forward = FlowDirection(rawValue: 1)
    /// To the grid.
    public static let reverse = FlowDirection(rawValue: 19)
}

/// ESPI's `quality`.
public struct ReadingQuality: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let valid = ReadingQuality(rawValue: 0)
    public static let questionable = ReadingQuality(rawValue: 10)

    /// By a reference day (8), by interpolation (9), or projected (12).
    public var isEstimated: Bool { [8, 9, 12].contains(rawValue) }
}
