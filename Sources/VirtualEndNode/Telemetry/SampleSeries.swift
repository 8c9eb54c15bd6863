public import Measures

/// What one meter showed, moment by moment, and the energy of any interval that follows from it.
///
/// ```
/// power     each value holds until the next one            ▁▁▁▇▇▇▇▃▃
/// counter   what was counted between two moments, the       ╱
///           values at the edges interpolated              ╱
/// energy    each value is that of the step it begins      │▁│▇│▃│
/// ```
///
/// Values may come in any order; one of the same moment takes the place of the other.
public struct SampleSeries: Sendable {
    public enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
        /// In watts.
        case power
        /// A register in watt-hours that only grows.
        case counter
        /// Watt-hours of the step that begins at the moment.
        case energy
    }

    public let kind: Kind
    /// How often a value is expected.
    public let step: TimeSpan
    /// In order of time.
    private var samples: [(at: Instant, value: Double)] = []

    /// After as many steps without a value there is a gap.
    private static let patience: Int64 = 3
    /// An interval of power needs this share of it covered by values.
    private static let coverage = 0.9

    public init(kind: Kind, step: TimeSpan) {
        self.kind = kind
        self.step = max(step, .seconds(1))
    }

    /// Every value with its moment, the oldest first.
    public var values: [(at: Instant, value: Double)] { samples }

    /// A value that is no number is none.
    public mutating func add(_ value: Double, at moment: Instant) {
        guard value.isFinite else { return }
        if let last = samples.last, last.at < moment { return samples.append((moment, value)) }
        let index = firstIndex(from: moment)
        if index < samples.count, samples[index].at == moment {
            samples[index].value = value
        } else {
            samples.insert((moment, value), at: index)
        }
    }

    /// Forgets what is older.
    public mutating func forget(before moment: Instant) { samples.removeFirst(firstIndex(from: moment)) }

    /// Nil where the values do not say it.
    public func energy(in window: TimeWindow) -> WattHours? {
        guard window.duration > .zero else { return nil }
        switch kind {
        case .power: return energyOfPower(window)
        case .counter:
            guard let first = reading(at: window.start), let last = reading(at: window.end), first <= last else {
                return nil
            }
            return WattHours(last - first)
        case .energy: return energyOfSteps(window)
        }
    }

    private func energyOfPower(_ window: TimeWindow) -> WattHours? {
        var (sum, covered) = (0.0, 0.0)
        var index = max(firstIndex(from: window.start) - 1, 0)
        while index < samples.count, samples[index].at < window.end {
            let sample = samples[index]
            let next = index + 1 < samples.count ? samples[index + 1].at : sample.at + step * Self.patience
            let end = min(next, sample.at + step * Self.patience, window.end)
            let span = Double((end - max(sample.at, window.start)).seconds)
            if span > 0 {
                sum += sample.value * span
                covered += span
            }
            index += 1
        }
        let whole = Double(window.duration.seconds)
        guard covered >= Self.coverage * whole else { return nil }
        return Watts(sum / covered) * window.duration
    }

    /// The register at a moment.
    private func reading(at moment: Instant) -> Double? {
        let index = firstIndex(from: moment)
        guard index < samples.count else { return nil }
        let after = samples[index]
        if after.at == moment { return after.value }
        guard index > 0 else { return nil }
        let before = samples[index - 1]
        // A register that went back was replaced or ran over.
        guard after.at - before.at <= step * Self.patience, before.value <= after.value else { return nil }
        let share = Double((moment - before.at).seconds) / Double((after.at - before.at).seconds)
        return before.value + (after.value - before.value) * share
    }

    private func energyOfSteps(_ window: TimeWindow) -> WattHours? {
        var (sum, covered) = (0.0, Int64(0))
        var index = firstIndex(from: window.start - step)
        while index < samples.count, samples[index].at < window.end {
            let span = min(samples[index].at + step, window.end) - max(samples[index].at, window.start)
            if span > .zero {
                sum += samples[index].value * Double(span.seconds) / Double(step.seconds)
                covered += span.seconds
            }
            index += 1
        }
        return covered == window.duration.seconds ? WattHours(sum) : nil
    }

    /// Of the first sample at the moment or after it.
    private func firstIndex(from moment: Instant) -> Int {
        var (low, high) = (0, samples.count)
        while low < high {
            let middle = (low + high) / 2
            if samples[middle].at < moment { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
