public import Measures

/// How a site really behaves when it is called: known to its simulated VEN alone, never to the planner.
public struct TrueResponse: Sendable {
    /// A call that the site opted into.
    public struct Call: Hashable, Sendable {
        /// The event's id, by which the day's compliance is drawn.
        public let event: String
        public let window: TimeWindow
        /// The mean power that the site is asked to do without.
        public let reduction: Watts

        public init(event: String, window: TimeWindow, reduction: Watts) {
            self.event = event
            self.window = window
            self.reduction = reduction
        }
    }

    /// What the site delivers of what it is asked for, on average.
    public let compliance: Double
    /// How long it takes to come down, and to come back.
    public let ramp: TimeSpan
    /// The share of the energy saved that is used after the event.
    public let reboundShare: Double
    public let reboundDuration: TimeSpan
    /// The largest share of its load that it can do without.
    public let sheddableShare: Double
    private let optInProbability: Double
    private let relativeError: Double
    private let key: SeedKey

    /// Draws the behaviour of the site with these traits.
    public init(seed: UInt64, site name: String, traits: SiteTraits) {
        key = SeedKey(seed).appending("response").appending(name)
        var random = key.generator
        compliance = hundredths(random.between(0.82, 1.1))
        ramp = .minutes(Int64(random.whole(2...12)))
        reboundShare = hundredths(min(0.9, max(0, traits.reboundShare + random.between(-0.1, 0.1))))
        reboundDuration = .minutes(30 * Int64(random.whole(1...4)))
        sheddableShare = traits.sheddableShare
        optInProbability = traits.optInProbability
        relativeError = traits.relativeError
    }

    /// Whether the site opts in: drawn once for an event, the same whenever it is asked.
    public func optsIn(event: String) -> Bool {
        key.appending("opt").appending(event).fraction < optInProbability
    }

    /// What the meter counts in an interval in which it would count `undisturbed` without any call.
    ///
    /// ```
    /// load ──────┐                 ╭──╮ rebound: reboundShare of what was saved
    ///            ╲ ramp        ramp╱   ╲______
    ///             ╲_______________╱
    ///            window.start     window.end
    /// ```
    public func energy(undisturbed: WattHours, during interval: TimeWindow, calls: [Call]) -> WattHours {
        guard interval.duration > .zero, calls.contains(where: { affects($0, interval) }) else { return undisturbed }
        let load = undisturbed.meanPower(over: interval.duration)
        let most = max(load, .zero) * sheddableShare
        let change = interval.intervals(every: .minutes(1)).reduce(WattHours.zero) { sum, minute in
            sum + self.change(during: minute, most: most, calls: calls)
        }
        return WattHours((undisturbed + change).value.rounded())
    }

    private func affects(_ call: Call, _ interval: TimeWindow) -> Bool {
        interval.end > call.window.start && interval.start < call.window.end + max(ramp, reboundDuration)
    }

    private func change(during minute: TimeWindow, most: Watts, calls: [Call]) -> WattHours {
        var reduction = Watts.zero
        var rebound = Watts.zero
        for call in calls {
            let asked = call.reduction * factor(event: call.event)
            reduction = reduction + asked * depth(at: minute.start, of: call.window)
            rebound = rebound + asked * reboundFactor(at: minute.start, of: call.window)
        }
        return (rebound - min(reduction, most)) * minute.duration
    }

    /// What the site delivers of what this event asks for.
    private func factor(event: String) -> Double {
        let luck = Field(key: key.appending("luck").appending(event)).bell(0)
        // Three even numbers have a standard deviation of a third of their reach.
        return max(0, compliance * (1 + 3 * relativeError * luck))
    }

    /// From zero to one: how far the site has come down.
    private func depth(at instant: Instant, of window: TimeWindow) -> Double {
        guard instant >= window.start else { return 0 }
        let length = max(Double(ramp.seconds), 1)
        let down = min(1, Double((instant - window.start).seconds) / length)
        guard instant >= window.end else { return down }
        return max(0, 1 - Double((instant - window.end).seconds) / length)
    }

    /// Falls from twice its mean to nothing while the rebound lasts.
    private func reboundFactor(at instant: Instant, of window: TimeWindow) -> Double {
        guard instant >= window.end, instant < window.end + reboundDuration else { return 0 }
        let part = Double((instant - window.end).seconds) / Double(reboundDuration.seconds)
        return reboundShare * window.duration.hours / reboundDuration.hours * 2 * (1 - part)
    }
}
