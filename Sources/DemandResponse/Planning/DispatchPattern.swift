import Measures

/// One way to call one resource: a run of intervals at a level. The columns of the pattern model.
struct DispatchPattern: Hashable {
    /// The place of the resource in the list.
    let resource: Int
    let run: Range<Int>
    let level: Double

    /// Expected reduction in watts, p * level * capacity.
    func mean(_ resource: DispatchResource, at interval: Int) -> Double {
        guard run.contains(interval) else { return 0 }
        return resource.optInProbability * level * resource.capacity[interval].value
    }

    /// Variance in watts squared: the forecast's error while the site takes part, and taking part itself (Bernoulli).
    func variance(_ resource: DispatchResource, at interval: Int) -> Double {
        guard run.contains(interval) else { return 0 }
        let capacity = level * resource.capacity[interval].value
        let error = level * resource.standardError[interval].value
        let probability = resource.optInProbability
        return probability * error * error + probability * (1 - probability) * capacity * capacity
    }

    /// Expected cost in currency units: energy as it is expected to be shed, and the call itself.
    func cost(_ resource: DispatchResource, _ intervals: [TimeWindow]) -> Double {
        let energy = run.reduce(0) { $0 + mean(resource, at: $1) / 1_000 * intervals[$1].duration.hours }
        return energy * resource.energyPrice.unitsPerKilowattHour + Double(resource.callCost.minorUnits) / 100
    }
}

extension DispatchResource {
    /// The first moment at which a call may start.
    func earliestStart(decidedAt: Instant) -> Instant {
        max(decidedAt + limits.notice, limits.restingUntil ?? decidedAt)
    }

    /// Every run of intervals that keeps notice, rest, durations and availability; none for a critical resource.
    func runs(in request: DispatchRequest) -> [Range<Int>] {
        guard resourceClass != .critical, limits.callsLeft > 0 else { return [] }
        let earliest = earliestStart(decidedAt: request.decidedAt)
        var runs: [Range<Int>] = []
        for first in request.intervals.indices where request.intervals[first].start >= earliest {
            for last in first..<request.intervals.count {
                guard capacity[last] > .zero else { break }
                let duration = request.intervals[last].end - request.intervals[first].start
                guard duration <= limits.maximumDuration else { break }
                if duration >= limits.minimumDuration { runs.append(first..<(last + 1)) }
            }
        }
        return runs
    }
}
