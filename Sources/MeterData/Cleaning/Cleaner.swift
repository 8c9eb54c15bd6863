public import Measures

/// Finds what is wrong with a series, by rules that look at the series alone.
///
/// In this order, each on what the ones before left: overlaps, roll-overs, negative values, stuck runs, spikes, gaps. Only
/// gaps and the places of spikes, roll-overs and negative values get a value; stuck and double ones are not believed.
public struct Cleaner: Sendable {
    private let rules: CleaningRules
    private let step: TimeSpan
    /// Neighbours on each side that a value is compared with.
    private static let neighbours = 6

    public init(_ rules: CleaningRules, step: TimeSpan) {
        self.rules = rules
        self.step = step
    }

    private struct Slot {
        let window: TimeWindow
        let raw: Double?
        /// What is believed at this stage.
        var value: Double?
        var kind: CleaningKind?
    }

    /// What has to be changed.
    ///
    /// - Parameters:
    ///   - readings: in order of time, with energies.
    ///   - window: where gaps at the ends count, too.
    public func edits(_ readings: [IntervalReading], in window: TimeWindow) -> [CleaningEdit] {
        var slots = slots(readings, in: window)
        findRollOvers(&slots)
        findNegatives(&slots)
        findStuck(&slots)
        findSpikes(&slots)
        fill(&slots)
        return slots.compactMap { slot in
            slot.kind.map {
                CleaningEdit(
                    window: slot.window, raw: slot.raw.map { WattHours($0) }, cleaned: slot.value.map { WattHours($0) },
                    kind: $0)
            }
        }
    }

    // MARK: Time

    /// One for each reading, and one for each step of a gap.
    private func slots(_ readings: [IntervalReading], in window: TimeWindow) -> [Slot] {
        var slots: [Slot] = []
        var end: Instant?
        for reading in readings where window.contains(reading.start) {
            guard let energy = reading.energy else { continue }
            if let end, reading.start < end {
                slots.append(Slot(window: reading.window, raw: energy.value, value: nil, kind: .overlap))
                continue
            }
            addGap(from: end ?? window.start, to: reading.start, &slots)
            slots.append(Slot(window: reading.window, raw: energy.value, value: energy.value, kind: nil))
            end = reading.window.end
        }
        if let end { addGap(from: end, to: window.end, &slots) }
        return slots
    }

    /// Only whole steps: what does not fit is no interval of this meter. A year of gap is no gap but no meter.
    private func addGap(from start: Instant, to end: Instant, _ slots: inout [Slot]) {
        guard let gap = TimeWindow(start: start, end: end), gap.duration <= .days(366) else { return }
        for part in gap.intervals(every: step) where part.duration == step {
            slots.append(Slot(window: part, raw: nil, value: nil, kind: .gap))
        }
    }

    // MARK: Values

    private func findRollOvers(_ slots: inout [Slot]) {
        let usual = Self.median(slots.compactMap(\.value).map(\.magnitude).filter { $0 > 0 })
        for index in slots.indices {
            guard let value = slots[index].value, value < 0, usual > 0, -value > 100 * usual else { continue }
            var range = 1.0
            while range < -value { range *= 10 }
            let mended = value + range
            guard mended <= 20 * usual else { continue }
            slots[index].value = mended
            slots[index].kind = .rollover
        }
    }

    private func findNegatives(_ slots: inout [Slot]) {
        guard !rules.mayExport else { return }
        for index in slots.indices {
            guard let value = slots[index].value, value < 0 else { continue }
            slots[index].value = nil
            slots[index].kind = .negative
        }
    }

    private func findStuck(_ slots: inout [Slot]) {
        var first = slots.startIndex
        while first < slots.endIndex {
            guard let value = slots[first].value, value != 0 else {
                first += 1
                continue
            }
            var next = first + 1
            while next < slots.endIndex, slots[next].value == value { next += 1 }
            if next - first >= rules.stuckRun {
                for index in first..<next {
                    slots[index].value = nil
                    slots[index].kind = .stuck
                }
            }
            first = next
        }
    }

    /// A value far from the median of its neighbours, measured by the usual distance of values from theirs.
    private func findSpikes(_ slots: inout [Slot]) {
        let known = slots.indices.filter { slots[$0].value != nil }
        guard known.count > 4 * Self.neighbours else { return }
        let values = known.map { slots[$0].value ?? 0 }
        let medians = values.indices.map { position -> Double in
            let low = max(position - Self.neighbours, 0)
            let high = min(position + Self.neighbours, values.count - 1)
            return Self.median((low...high).filter { $0 != position }.map { values[$0] })
        }
        let distances = zip(values, medians).map { ($0 - $1).magnitude }
        let usual = 1.4826 * Self.median(distances)
        let level = Self.median(values.map(\.magnitude))
        let limit = rules.spikeDeviations * max(usual, 0.02 * level, 1e-9)
        for (position, index) in known.enumerated() where distances[position] > limit {
            // A step of the load to a new level is none: its next neighbours went there, too.
            let near = [position - 1, position + 1].filter(values.indices.contains).map { values[$0] }
            guard near.allSatisfy({ ($0 - values[position]).magnitude > limit / 2 }) else { continue }
            slots[index].value = nil
            slots[index].kind = .spike
        }
    }

    /// A straight line across what is short enough; stuck and overlapping values stay unknown.
    private func fill(_ slots: inout [Slot]) {
        let most = Int(rules.longestFilledGap / step.seconds)
        var index = slots.startIndex
        while index < slots.endIndex {
            guard slots[index].value == nil, slots[index].kind != .overlap else {
                index += 1
                continue
            }
            var next = index
            while next < slots.endIndex, slots[next].value == nil, slots[next].kind != .overlap { next += 1 }
            let isStuck = slots[index..<next].contains { $0.kind == .stuck }
            if index > slots.startIndex, next < slots.endIndex, next - index <= most, !isStuck,
                let before = slots[index - 1].value, let after = slots[next].value
            {
                for hole in index..<next {
                    let share = Double(hole - index + 1) / Double(next - index + 1)
                    slots[hole].value = before + (after - before) * share
                }
            }
            index = max(next, index + 1)
        }
        // A gap that stays one is no edit: there is nothing to say about it.
        slots.removeAll { $0.kind == .gap && $0.value == nil }
    }

    private static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
