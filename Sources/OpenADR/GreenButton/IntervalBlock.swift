/// `espi:IntervalBlock`: values one after the other.
public struct IntervalBlock: Hashable, Sendable {
    public var interval: ESPIInterval?
    public var readings: [BlockReading]

    public init(interval: ESPIInterval? = nil, readings: [BlockReading]) {
        self.interval = interval
        self.readings = readings
    }
}

/// `espi:IntervalReading`
public struct BlockReading: Hashable, Sendable {
    /// In hundred-thousandths of the currency.
    public var cost: Int64?
    public var qualities: [ReadingQuality]
    public var period: ESPIInterval?
    /// In the unit and the power of ten of the reading type.
    public var value: Int64?

    public init(
        cost: Int64? = nil, qualities: [ReadingQuality] = [], period: ESPIInterval? = nil, value: Int64? = nil
    ) {
        self.cost = cost
        self.qualities = qualities
        self.period = period
        self.value = value
    }
}
