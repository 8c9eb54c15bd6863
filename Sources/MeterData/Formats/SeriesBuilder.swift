import Measures

/// Collects the rows of one series in order, then lays them on a grid.
struct SeriesBuilder {
    private(set) var starts: [Instant] = []
    private(set) var values: [Double?] = []
    private(set) var temperatures: [Double?] = []
    private(set) var quality = LoadQuality()
    /// How many rows stand behind the last value, which is their mean.
    private var merged = 0.0

    var last: Instant? { starts.last }

    mutating func countRow() { quality.rows += 1 }
    mutating func countBad() { quality.bad += 1 }
    mutating func countSkippedByClock() { quality.skippedByClock += 1 }

    /// Adds a reading that is not before the last; one at the same time is averaged into it.
    mutating func add(_ start: Instant, value: Double?, temperature: Double?) {
        guard start == starts.last else {
            starts.append(start)
            values.append(value)
            temperatures.append(temperature)
            merged = value == nil ? 0 : 1
            return
        }
        quality.repeated += 1
        let index = starts.count - 1
        temperatures[index] = temperatures[index] ?? temperature
        guard let value else { return }
        values[index] = ((values[index] ?? 0) * merged + value) / (merged + 1)
        merged += 1
    }

    /// Why no grid fits the rows.
    struct Irregular: Error {
        let reason: String
    }

    struct Grid {
        let step: TimeSpan
        let readings: [IntervalReading]
        let temperatures: [Double?]
        let quality: LoadQuality
    }

    /// The rows on the grid of their most frequent distance.
    func grid(unit: LoadUnit, toleratedMissing: Double) throws(Irregular) -> Grid {
        let step = try commonStep()
        let phase = commonPhase(step)
        let kept = starts.indices.filter { (starts[$0].secondsSinceEpoch - phase) % step.seconds == 0 }
        guard let first = kept.first, let last = kept.last else { throw Irregular(reason: "it has no readings") }
        guard (starts.count - kept.count) * 50 <= starts.count else {
            throw Irregular(reason: "\(starts.count - kept.count) of \(starts.count) times are off the step")
        }
        let count = Int((starts[last] - starts[first]).seconds / step.seconds) + 1
        let present = kept.count { values[$0] != nil }
        guard Double(count - present) <= toleratedMissing * Double(count) else {
            throw Irregular(reason: "only \(present) of \(count) steps have a value")
        }
        var energy = [WattHours?](repeating: nil, count: count)
        var warmth = [Double?](repeating: nil, count: count)
        for index in kept {
            let slot = Int((starts[index] - starts[first]).seconds / step.seconds)
            energy[slot] = values[index].map { unit.wattHours($0, step: step) }
            warmth[slot] = temperatures[index]
        }
        var quality = counted(energy)
        quality.offGrid = starts.count - kept.count
        let readings = energy.enumerated().map { slot, energy in
            IntervalReading(start: starts[first] + step * Int64(slot), duration: step, energy: energy)
        }
        return Grid(step: step, readings: readings, temperatures: warmth, quality: quality)
    }

    private func commonStep() throws(Irregular) -> TimeSpan {
        var counts: [Int64: Int] = [:]
        for (left, right) in zip(starts, starts.dropFirst()) {
            counts[(right - left).seconds, default: 0] += 1
        }
        guard let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else {
            throw Irregular(reason: "it has fewer than two readings")
        }
        let minutes = most.key / 60
        guard most.key % 60 == 0, (1...60).contains(minutes), 1_440 % minutes == 0 else {
            throw Irregular(reason: "its readings are mostly \(most.key) seconds apart")
        }
        return .seconds(most.key)
    }

    /// Where within a step most readings begin.
    private func commonPhase(_ step: TimeSpan) -> Int64 {
        var counts: [Int64: Int] = [:]
        for start in starts {
            counts[(start - start.floored(to: step)).seconds, default: 0] += 1
        }
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
    }

    private func counted(_ energy: [WattHours?]) -> LoadQuality {
        var quality = quality
        var run = 0
        for value in energy {
            run = value == nil ? run + 1 : 0
            if run > 0 { quality.missing += 1 }
            if run == 1 { quality.gaps += 1 }
            quality.longestGap = max(quality.longestGap, run)
        }
        return quality
    }
}
