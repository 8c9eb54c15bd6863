public import Measures

/// Readings of one meter by local day and time of day: what baseline rules look back on.
///
/// A day has one slot for each step of the local clock. When the clock is set back, the hour that comes twice is
/// averaged; when it is set forward, the hour that is skipped does not count as missing.
public struct MeterHistory: Sendable {
    /// Why readings are not a history.
    public enum Flaw: Error, Hashable, Sendable {
        case noReadings
        /// Two readings start at the same time; which one counts is for the caller to say.
        case repeated(Instant)
        /// The step is not between 1 minute and 1 hour, or does not divide the hour.
        case unusableStep(TimeSpan)
        /// A reading has another length than the first one, or does not start on a step of the local clock.
        case unaligned(Instant)
    }

    public let step: TimeSpan
    public let zone: ZoneRules
    let slotsPerDay: Int
    /// Mean power in watts by day and slot; nil where nothing was measured.
    private let days: [CivilDay: [Double?]]
    /// Nothing from here on can be seen.
    private var hiddenFrom: (day: CivilDay, slot: Int)?

    public init(_ readings: [IntervalReading], zone: ZoneRules) throws(Flaw) {
        guard let step = readings.first?.duration else { throw .noReadings }
        guard step >= .minutes(1), step <= .hours(1), 3_600 % step.seconds == 0 else { throw .unusableStep(step) }
        let slots = Int(86_400 / step.seconds)
        var sums: [CivilDay: [(sum: Double, count: Int)]] = [:]
        var seen = Set<Instant>(minimumCapacity: readings.count)
        for reading in readings {
            let (day, time) = zone.local(reading.start)
            guard reading.duration == step, time.seconds % step.seconds == 0 else { throw .unaligned(reading.start) }
            guard seen.insert(reading.start).inserted else { throw .repeated(reading.start) }
            guard let energy = reading.energy, energy.value.isFinite else { continue }
            let slot = Int(time.seconds / step.seconds)
            var counted = sums[day] ?? [(sum: Double, count: Int)](repeating: (0, 0), count: slots)
            counted[slot].sum += energy.meanPower(over: step).value
            counted[slot].count += 1
            sums[day] = counted
        }
        self.step = step
        self.zone = zone
        slotsPerDay = slots
        days = sums.mapValues { $0.map { $0.count > 0 ? $0.sum / Double($0.count) : nil } }
    }

    /// The local clock's slot in which an instant lies, and its day.
    func slot(_ instant: Instant) -> (day: CivilDay, slot: Int) {
        let (day, time) = zone.local(instant)
        return (day, Int(time.seconds / step.seconds))
    }

    func value(_ day: CivilDay, _ slot: Int) -> Double? {
        if let hiddenFrom, (day, slot) >= hiddenFrom { return nil }
        return days[day]?[slot]
    }

    /// The same readings without those of a slot and later: what was known before it.
    func known(until slot: (day: CivilDay, slot: Int)) -> MeterHistory {
        var known = self
        if let hiddenFrom, hiddenFrom < slot { return known }
        known.hiddenFrom = slot
        return known
    }

    /// The first slot that the clock showed on a day and that has no value; nil for a day without gaps.
    func firstGap(_ day: CivilDay) -> Int? {
        guard let values = days[day] else { return 0 }
        if let hiddenFrom, day >= hiddenFrom.day { return values.indices.first { value(day, $0) == nil } }
        return values.indices.first { values[$0] == nil && isShown(day, $0) }
    }

    /// Whether the local clock shows the slot on the day: not in the hour that is skipped in spring.
    func isShown(_ day: CivilDay, _ slot: Int) -> Bool {
        zone.instant(day, at: TimeSpan(seconds: Int64(slot) * step.seconds)) != nil
    }

    /// The mean of some slots of a day; nil when one of them has no value.
    func mean(_ day: CivilDay, _ slots: some Collection<Int>) -> Double? {
        guard !slots.isEmpty else { return nil }
        var sum = 0.0
        for slot in slots {
            guard let value = value(day, slot) else { return nil }
            sum += value
        }
        return sum / Double(slots.count)
    }

    /// The mean of a day without gaps; nil when it has one.
    ///
    /// The hour that is skipped in spring counts as a straight line between its neighbours: without it the day would
    /// have an hour of low load less than the days it is compared with.
    func dailyMean(_ day: CivilDay) -> Double? {
        guard let values = days[day], firstGap(day) == nil else { return nil }
        var sum = 0.0
        for slot in values.indices { sum += values[slot] ?? skipped(values, slot) }
        return sum / Double(values.count)
    }

    private func skipped(_ values: [Double?], _ slot: Int) -> Double {
        let before = values[..<slot].lastIndex { $0 != nil }
        let after = values[slot...].firstIndex { $0 != nil }
        let low = before.flatMap { values[$0] } ?? after.flatMap { values[$0] } ?? 0
        guard let before, let after, let high = values[after] else { return low }
        return low + (high - low) * Double(slot - before) / Double(after - before)
    }

    /// The first and the last day with a reading.
    public var span: ClosedRange<CivilDay>? {
        guard let first = days.keys.min(), let last = days.keys.max() else { return nil }
        return first...last
    }
}
