import Measures
import OpenADR
import SiteSimulation
import Synchronization
import VirtualEndNode

/// What stands behind a demo VEN: the meter, the loads that follow an event, and the people who opt in or out.
///
/// What the meter shows for an interval depends on the site, the interval and the event only, never on the moment at
/// which it is read.
final class DemoDevice: MeterSource, DispatchTarget, OptPolicy {
    /// Sites decide about the demo's event as such, whatever id it got this time.
    private static let occasion = "the demo's event"

    private let site: DemoSite
    private let timeline = Mutex(Timeline())

    init(site: DemoSite) {
        self.site = site
    }

    func decide(on event: Event, now: Instant) async -> OptType {
        site.response.optsIn(event: Self.occasion) ? .optIn : .optOut
    }

    func follow(_ timeline: Timeline) async {
        self.timeline.withLock { $0 = timeline }
    }

    func readings(
        of resource: ResourceID?, in window: TimeWindow, every step: TimeSpan
    ) async throws -> [IntervalReading] {
        let timeline = timeline.withLock { $0 }
        return window.intervals(every: step).map { interval in
            let undisturbed = step == site.step ? site.live(interval.start) : nil
            let energy = undisturbed.map {
                site.response.energy(undisturbed: $0, during: interval, calls: calls(in: timeline, around: interval))
            }
            return IntervalReading(start: interval.start, duration: interval.duration, energy: energy)
        }
    }

    /// The reductions that the timeline asks for, near enough in time to matter for an interval.
    private func calls(in timeline: Timeline, around interval: TimeWindow) -> [TrueResponse.Call] {
        let near = TimeWindow(start: interval.start - .hours(12), duration: interval.duration + .hours(24))
        return timeline.slots(in: near).compactMap { slot in
            guard case .delta(let change) = slot.dispatch, change < .zero, let end = slot.end else { return nil }
            return TrueResponse.Call(
                event: Self.occasion, window: TimeWindow(start: slot.start, duration: end - slot.start),
                reduction: change * -1)
        }
    }
}
