import Measures

/// How far a portfolio reaches in each interval by itself, and which limit keeps it from reaching further.
struct Reachability {
    private let model: PatternModel

    init(_ model: PatternModel) {
        self.model = model
    }

    /// Everyone who may be called, in every interval that any run of theirs covers, at the highest level. Not a plan:
    /// a run may be longer than its resource allows.
    var everyone: [DispatchPattern] {
        patterns(model.resources)
    }

    private func patterns(_ resources: [DispatchResource]) -> [DispatchPattern] {
        resources.indices.flatMap { index in
            let resource = resources[index]
            let served = resource.runs(in: model.request).reduce(into: Set<Int>()) { $0.formUnion($1) }
            return served.sorted().map {
                DispatchPattern(resource: index, run: $0..<($0 + 1), level: resource.levels.max() ?? 1)
            }
        }
    }

    /// Watts delivered in one interval with the probability asked for, when everyone who may is called in it.
    private func reach(_ interval: Int, _ resources: [DispatchResource]) -> Double {
        let chosen = patterns(resources).filter { $0.run.contains(interval) }
        return DeliveryDistribution(chosen, of: resources, count: model.request.intervals.count)
            .interval(interval).delivered(withProbability: model.request.deliveryProbability)
    }

    /// The refusal of a target that one interval by itself cannot meet; nil when each can.
    func refusal() -> DispatchRefusal? {
        let worst = model.request.target.indices.filter { model.request.target[$0] > .zero }
            .map { (interval: $0, missing: model.request.target[$0].value - reach($0, model.resources)) }
            .filter { $0.missing > 1e-6 * model.request.target[$0.interval].value }
            .max { $0.missing < $1.missing }
        guard let worst else { return nil }
        return refusal(worst.interval, missing: worst.missing, limit: brokenLimit(worst.interval))
    }

    /// The refusal of a target that no plan meets in all intervals at once; `delivery` is the best plan's.
    func refusal(_ delivery: Delivery) -> DispatchRefusal {
        let shortfalls = delivery.shortfalls
        let worst = shortfalls.indices.max { shortfalls[$0] < shortfalls[$1] } ?? 0
        return refusal(worst, missing: shortfalls[worst], limit: .duration)
    }

    private func refusal(_ interval: Int, missing: Double, limit: DispatchRefusal.Limit) -> DispatchRefusal {
        let target = model.request.target[interval]
        return DispatchRefusal(
            limit: limit, interval: model.request.intervals[interval], target: target,
            reachable: Watts(max(0, target.value - missing)), probability: model.request.deliveryProbability)
    }

    /// The first limit whose absence alone would do.
    private func brokenLimit(_ interval: Int) -> DispatchRefusal.Limit {
        let target = model.request.target[interval].value * (1 - 1e-6)
        if reach(interval, model.resources.map(\.withoutWaiting)) >= target { return .notice }
        if reach(interval, model.resources.map(\.withCalls)) >= target { return .callsLeft }
        if reach(interval, model.resources.map(\.withoutDurations)) >= target { return .duration }
        let expected = model.moments(everyone)[interval].mean
        return expected >= target ? .deliveryProbability : .capacity
    }
}

extension DispatchResource {
    private func with(_ change: (inout Limits) -> Void) -> DispatchResource {
        var changed = limits
        change(&changed)
        return DispatchResource(self, limits: changed)
    }

    /// As if it needed no notice and no rest.
    var withoutWaiting: DispatchResource {
        with {
            $0.notice = .zero
            $0.restingUntil = nil
        }
    }

    /// As if it had a call left.
    fileprivate var withCalls: DispatchResource {
        with { $0.callsLeft = max(1, $0.callsLeft) }
    }

    /// As if a call could be of any length.
    fileprivate var withoutDurations: DispatchResource {
        with {
            $0.minimumDuration = .zero
            $0.maximumDuration = .days(10_000)
        }
    }
}
