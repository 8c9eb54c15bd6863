import Foundation
import Logging
import Measures
import OpenADR
import SiteScheduling
import Synchronization
import VirtualEndNode

/// A site that does what its plan says, and while an event asks for less, what its plan with that time made dear says.
///
/// What it shows for a time depends on the site's file and the events only: asked twice it says the same.
final class SitePlanLoad: MeterSource, DispatchTarget {
    /// A time in which an event asks for less, and what the site can do then.
    private struct Call {
        /// Of the first step, and after the last.
        let window: TimeWindow
        let flexibility: SiteFlexibility
    }

    private struct State {
        var timeline = Timeline()
        var calls: [TimeWindow: Call] = [:]
    }

    private let site: Site
    private let clock: SiteClock
    private let normal: SiteSchedule
    private let logger: Logger
    private let state = Mutex(State())

    /// What SIMPLE levels 1 to 3 take of what the site can do without.
    private static let levels = [0.4, 0.8, 1]

    /// Plans the site of a file.
    init(path: String, logger: Logger) async throws {
        let document = try InputFile.decode(SiteDocument.self, from: path, what: "site")
        site = document.site
        clock = try SiteClock(document)
        normal = await SitePlanner().schedule(document.site)
        self.logger = logger
        logger.notice(
            "site planned",
            metadata: [
                "file": "\(path)", "status": "\(normal.status)", "cost": "\(normal.cost.fixed(2))",
                "missing": "\(normal.slacks.map(\.name).joined(separator: "; "))",
            ])
    }

    func follow(_ timeline: Timeline) async {
        var calls: [TimeWindow: Call] = [:]
        for slot in timeline.layers.flatMap(\.slots) {
            guard let window = window(slot) else { continue }
            if let known = state.withLock({ $0.calls[window] }) {
                calls[window] = known
                continue
            }
            guard let steps = clock.range(window) else { continue }
            let flexibility = await SiteFlexibility(site, during: steps)
            calls[window] = Call(window: window, flexibility: flexibility)
            let mean = flexibility.shed.reduce(0, +) / Double(steps.count)
            logger.notice(
                "site planned for an event",
                metadata: [
                    "event": "\(slot.eventID)", "from": "\(window.start)", "to": "\(window.end)",
                    "sheds at most": "\(mean.fixed(2)) kW", "cost": "\(flexibility.called.cost.fixed(2))",
                ])
        }
        state.withLock { $0 = State(timeline: timeline, calls: calls) }
    }

    /// The whole steps that a slot touches; nil for one that asks for nothing or has no end.
    private func window(_ slot: Timeline.Slot) -> TimeWindow? {
        switch slot.dispatch {
        case .price, .level(0): return nil
        case .level, .delta, .setpoint: break
        }
        return slot.end.flatMap { TimeWindow(start: slot.start, end: $0) }.map(clock.whole)
    }

    func readings(
        of resource: ResourceID?, in window: TimeWindow, every step: TimeSpan
    ) async throws -> [IntervalReading] {
        let state = state.withLock { $0 }
        return window.intervals(every: step).map { interval in
            // Second by second would be exact; a step of the file is what the plan knows.
            let pieces = interval.intervals(every: min(step, clock.step))
            let energy = pieces.reduce(0.0) { $0 + power(at: $1.start, state) * 1_000 * $1.duration.hours }
            return IntervalReading(start: interval.start, duration: interval.duration, energy: WattHours(energy))
        }
    }

    /// Through the meter, kW.
    private func power(at moment: Instant, _ state: State) -> Double {
        let place = clock.step(at: moment)
        let power = normal.imports[place] - normal.exports[place]
        if let slot = state.timeline.slot(at: moment), let window = window(slot), let call = state.calls[window] {
            let shed = call.flexibility.shed[Int((moment - window.start).seconds / clock.step.seconds)]
            return power - min(shed, max(0, asked(slot.dispatch, power, shed)))
        }
        var back = 0.0
        for call in state.calls.values where moment >= call.window.end {
            let later = Int((moment - call.window.end).seconds / clock.step.seconds)
            guard call.flexibility.rebound.indices.contains(later) else { continue }
            back += call.flexibility.rebound[later] * share(call, state)
        }
        return power + back
    }

    private func asked(_ dispatch: Dispatch, _ power: Double, _ shed: Double) -> Double {
        switch dispatch {
        case .delta(let change): -change.kilowatts
        case .setpoint(let target): power - target.kilowatts
        case .level(let level): shed * (level <= Self.levels.count ? Self.levels[level - 1] : 1)
        case .price: 0
        }
    }

    /// What a call really took of what the site could do without.
    private func share(_ call: Call, _ state: State) -> Double {
        var taken = 0.0
        for place in call.flexibility.shed.indices {
            let moment = call.window.start + clock.step * Int64(place)
            guard let slot = state.timeline.slot(at: moment) else { continue }
            let shed = call.flexibility.shed[place]
            let own = clock.step(at: moment)
            taken += min(shed, max(0, asked(slot.dispatch, normal.imports[own] - normal.exports[own], shed)))
        }
        let most = call.flexibility.shed.reduce(0, +)
        return most > 0 ? taken / most : 0
    }
}
