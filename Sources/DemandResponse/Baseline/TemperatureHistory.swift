public import Measures

/// Outdoor temperature by local day and time of day, in one unit throughout; on the event day measured or forecast.
public struct TemperatureHistory: Sendable {
    private var days: [CivilDay: [Int: (sum: Double, count: Int)]]
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

    /// What could be foreseen of a day when its slots from `first` on were still to come: the mean of the days before at
    /// the same time, moved by how much warmer the hours just known were than they.
    ///
    /// - Parameters:
    ///   - span: how many days before enter the mean.
    ///   - recent: how many known slots are compared.
    func foreseen(
        _ day: CivilDay, from first: Int, slotsPerDay: Int, span: Int = 5, recent: Int
    ) -> TemperatureHistory {
        func usual(_ slot: Int) -> Double? {
            let values = (1...span).compactMap { value(day + -$0, slot) }
            return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        let differences = (max(0, first - recent)..<first).compactMap { slot in
            value(day, slot).flatMap { now in usual(slot).map { now - $0 } }
        }
        let shift = differences.isEmpty ? 0 : differences.reduce(0, +) / Double(differences.count)
        var foreseen = self
        foreseen.days = days.filter { $0.key <= day }
        for slot in first..<slotsPerDay { foreseen.days[day, default: [:]][slot] = usual(slot).map { ($0 + shift, 1) } }
        return foreseen
    }

    /// The highest of a day; nil for a day without any.
    func maximum(_ day: CivilDay) -> Double? {
        days[day]?.values.map { $0.sum / Double($0.count) }.max()
    }
}
