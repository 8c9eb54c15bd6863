/// Real power in watts. Consumption is positive, export negative.
public struct Watts: Hashable, Comparable, Codable, Sendable {
    public var value: Double

    public init(_ value: Double) {
        self.value = value
    }

    public static let zero = Watts(0)

    public static func kilowatts(_ value: Double) -> Watts { Watts(value * 1_000) }
    public var kilowatts: Double { value / 1_000 }

    public static func < (left: Watts, right: Watts) -> Bool { left.value < right.value }
    public static func + (left: Watts, right: Watts) -> Watts { Watts(left.value + right.value) }
    public static func - (left: Watts, right: Watts) -> Watts { Watts(left.value - right.value) }
    public static func * (left: Watts, right: Double) -> Watts { Watts(left.value * right) }
    public static func * (power: Watts, time: TimeSpan) -> WattHours { WattHours(power.value * time.hours) }
}

/// Real energy in watt-hours. Consumption is positive, export negative.
public struct WattHours: Hashable, Comparable, Codable, Sendable {
    public var value: Double

    public init(_ value: Double) {
        self.value = value
    }

    public static let zero = WattHours(0)

    public static func kilowattHours(_ value: Double) -> WattHours { WattHours(value * 1_000) }
    public var kilowattHours: Double { value / 1_000 }

    /// The mean power over a span of time longer than zero.
    public func meanPower(over time: TimeSpan) -> Watts { Watts(value / time.hours) }

    public static func < (left: WattHours, right: WattHours) -> Bool { left.value < right.value }
    public static func + (left: WattHours, right: WattHours) -> WattHours { WattHours(left.value + right.value) }
    public static func - (left: WattHours, right: WattHours) -> WattHours { WattHours(left.value - right.value) }
    public static func * (left: WattHours, right: Double) -> WattHours { WattHours(left.value * right) }
}
