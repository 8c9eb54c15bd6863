public import Measures
public import OpenADR
import Synchronization

/// A load that sheds as the events ask, on top of a given series: the whole VEN as one resource.
///
/// What it shows for an interval depends on the series, the interval and the timeline only: asked twice it says the same.
public final class SimulatedLoad: MeterSource, DispatchTarget {
    /// How far the load can and does follow.
    public struct Ability: Hashable, Sendable {
        /// The most that can be shed, as a share of the load: 0 to 1.
        public var share: Double
        /// The part of what is asked for that really happens: 1 is all of it; more is over-delivery.
        public var compliance: Double
        /// The part of `share` that SIMPLE level 1, 2 and 3 take; a level beyond the list takes all of it.
        public var levels: [Double]

        public init(share: Double, compliance: Double = 1, levels: [Double] = [0.4, 0.8, 1]) {
            self.share = min(max(share, 0), 1)
            self.compliance = max(compliance, 0)
            self.levels = levels
        }
    }

    private let ability: Ability
    /// The energy of a window without any event; nil where there is no reading.
    private let normal: @Sendable (TimeWindow) -> WattHours?
    private let timeline = Mutex(Timeline())

    public init(ability: Ability, normal: @escaping @Sendable (TimeWindow) -> WattHours?) {
        self.ability = ability
        self.normal = normal
    }

    public func follow(_ timeline: Timeline) async {
        self.timeline.withLock { $0 = timeline }
    }

    public func readings(
        of resource: ResourceID?, in window: TimeWindow, every step: TimeSpan
    ) async throws -> [IntervalReading] {
        let timeline = timeline.withLock { $0 }
        return window.intervals(every: step).map { interval in
            IntervalReading(
                start: interval.start, duration: interval.duration,
                energy: energy(in: interval, of: resource, under: timeline))
        }
    }

    private func energy(in interval: TimeWindow, of resource: ResourceID?, under timeline: Timeline) -> WattHours? {
        guard let energy = normal(interval) else { return nil }
        let power = energy.meanPower(over: interval.duration)
        return timeline.slots(of: resource, in: interval).reduce(energy) { left, slot in
            let span = (slot.end ?? interval.end) - slot.start
            return left - reduction(of: power, under: slot.dispatch) * span
        }
    }

    /// How much less than normal the load draws. A load that generates sheds nothing.
    private func reduction(of power: Watts, under dispatch: Dispatch) -> Watts {
        let most = max(power * ability.share, .zero)
        let asked: Watts
        switch dispatch {
        case .setpoint(let target): asked = power - target
        case .delta(let change): asked = change * -1
        case .level(let level): asked = most * part(of: level)
        case .price: asked = .zero
        }
        return min(max(asked * ability.compliance, .zero), most)
    }

    private func part(of level: Int) -> Double {
        guard level > 0 else { return 0 }
        return level <= ability.levels.count ? ability.levels[level - 1] : 1
    }
}
