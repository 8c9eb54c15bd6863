/// `espi:ElectricPowerUsageSummary`: what a bill says of usage.
public struct PowerUsageSummary: Hashable, Sendable {
    /// What is summed up; the raw value is the element's name, the order the schema's.
    public enum Quantity: String, Hashable, Sendable, CaseIterable {
        case overallConsumptionLastPeriod
        case currentBillingPeriodOverAllConsumption
        case currentDayLastYearNetConsumption
        case currentDayNetConsumption
        case currentDayOverallConsumption
        case peakDemand
        case previousDayLastYearOverallConsumption
        case previousDayNetConsumption
        case previousDayOverallConsumption
    }

    public var billingPeriod: ESPIInterval?
    /// In hundred-thousandths of the currency, as all amounts here.
    public var billLastPeriod: Int64?
    public var billToDate: Int64?
    public var additionalCost: Int64?
    public var additionalCosts: [CostLine]
    /// The number of ISO 4217.
    public var currency: UInt16?
    public var quantities: [Quantity: SummaryMeasurement]
    public var quality: ReadingQuality?
    public var ratchetDemand: SummaryMeasurement?
    public var ratchetDemandPeriod: ESPIInterval?
    /// Seconds since 1970-01-01T00:00:00Z.
    public var statusTime: Int64

    public init(statusTime: Int64, quantities: [Quantity: SummaryMeasurement] = [:]) {
        self.statusTime = statusTime
        self.quantities = quantities
        additionalCosts = []
    }
}

/// `espi:SummaryMeasurement`
public struct SummaryMeasurement: Hashable, Sendable {
    public var powerOfTen: Int16?
    /// Seconds since 1970-01-01T00:00:00Z.
    public var time: Int64?
    public var unit: UnitSymbol?
    public var value: Int64?

    public init(powerOfTen: Int16? = nil, time: Int64? = nil, unit: UnitSymbol? = nil, value: Int64? = nil) {
        self.powerOfTen = powerOfTen
        self.time = time
        self.unit = unit
        self.value = value
    }
}

/// `espi:LineItem`
public struct CostLine: Hashable, Sendable {
    public var amount: Int64
    public var rounding: Int64?
    /// Seconds since 1970-01-01T00:00:00Z.
    public var time: Int64
    public var note: String

    public init(amount: Int64, rounding: Int64? = nil, time: Int64, note: String) {
        self.amount = amount
        self.rounding = rounding
        self.time = time
        self.note = note
    }
}

/// `espi:ElectricPowerQualitySummary`: how good the power was over a time.
public struct PowerQualitySummary: Hashable, Sendable {
    /// What is counted or measured; the raw value is the element's name, the order the schema's.
    public enum Quantity: String, Hashable, Sendable, CaseIterable {
        case flickerPlt
        case flickerPst
        case harmonicVoltage
        case longInterruptions
        case mainsVoltage
        case measurementProtocol
        case powerFrequency
        case rapidVoltageChanges
        case shortInterruptions
        case supplyVoltageDips
        case supplyVoltageImbalance
        case supplyVoltageVariations
        case tempOvervoltage
    }

    public var interval: ESPIInterval
    public var quantities: [Quantity: Int64]

    public init(interval: ESPIInterval, quantities: [Quantity: Int64] = [:]) {
        self.interval = interval
        self.quantities = quantities
    }
}
