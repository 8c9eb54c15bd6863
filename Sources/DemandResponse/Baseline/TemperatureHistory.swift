public import Measures

/// Outdoor temperature by local day and time of day, in one unit throughout; on the event day measured or forecast.
public struct TemperatureHistory: Sendable {
    private let days: [CivilDay: [Int: (sum: Double, count: Int)]]
    /// The length of a slot: the meter's step.
    public let step: TimeSpan

    /// One value for the start of each step; values that are not finite are left out.
    public init(_ values: [Instant: Double], step: TimeSpan, zone: ZoneRules) {
        precondition(step > .zero, "a step has a length")
        self.step = step
        var days: [CivilDay: [Int: (sum: Double, count: Int)]] = [:]
        for (start, value) in values.sorted(by: { $0.key < $1.key }) where value.isFinite {
            let (day, time) = zone.local(start)
            let counted = days[day]?[Int(time.seconds / step.seconds)] ?? (0, 0)
            days[day, default: [:]][Int(time.seconds / step.seconds)] = (counted.sum + value, counted.count + 1)
        }
        self.days = days
    }

    func value(_ day: CivilDay, _ slot: Int) -> Double? {
        days[day]?[slot].map { $0.sum / Double($0.count) }
    }
}
