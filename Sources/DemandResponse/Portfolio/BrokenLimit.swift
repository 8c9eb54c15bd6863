import Measures

/// Which limit keeps a target from being met, found by what would be there without it.
struct BrokenLimit {
    /// In the order in which they are asked after.
    enum Limit: String, CaseIterable {
        /// Of the portfolio's resources: what stands in the way of calling one in an interval.
        case notice, callsLeft, duration, feeder
    }

    private let problem: DispatchProblem

    init(_ problem: DispatchProblem) {
        self.problem = problem
    }

    /// For people; the first limit whose absence alone would do in this interval by itself.
    func words(_ interval: Int) -> String {
        let target = (problem.target[interval] ?? 0) * (1 - 1e-6)
        // Each interval by itself could be met: it is all of them together that cannot.
        if reach(interval, without: nil) >= target {
            return "what comes back of calls, and calls that are whole and have lengths"
        }
        for limit in Limit.allCases where reach(interval, without: limit) >= target { return Self.words(limit) }
        let expected = parts(interval, without: nil).reduce(0) { $0 + $1.probability * $1.mean }
        return expected >= target ? "the delivery probability" : "the capacity of all resources"
    }

    private static func words(_ limit: Limit) -> String {
        switch limit {
        case .notice: "the notice and the rest that resources need"
        case .callsLeft: "resources without calls left"
        case .duration: "the shortest and longest calls of resources"
        case .feeder: "the limits of feeders"
        }
    }

    /// What is delivered with the probability asked for when everybody is called who can be in the interval, kW.
    private func reach(_ interval: Int, without limit: Limit?) -> Double {
        DeliveryOdds(parts(interval, without: limit), commonError: problem.commonError)
            .delivered(withProbability: problem.deliveryProbability)
    }

    private func parts(_ interval: Int, without limit: Limit?) -> [DeliveryOdds.Part] {
        var byFeeder = [[DeliveryOdds.Part]](repeating: [], count: problem.feeders.count)
        for resource in problem.resources where canRun(resource, in: interval, without: limit) {
            byFeeder[resource.feeder].append(
                .init(
                    probability: resource.optIn, mean: resource.capacity[interval],
                    deviation: resource.standardError[interval]))
        }
        var all: [DeliveryOdds.Part] = []
        for (feeder, own) in byFeeder.enumerated() {
            let room = problem.left(problem.feeders[feeder].shedLimit, feeder: feeder, \.power)[interval]
            let sum = own.reduce(0) { $0 + $1.probability * $1.mean }
            let share = limit == .feeder || sum <= room || sum <= 0 ? 1 : room / sum
            all += own.map {
                .init(probability: $0.probability, mean: share * $0.mean, deviation: share * $0.deviation)
            }
        }
        all += problem.committed.map {
            .init(probability: $0.optIn, mean: $0.net(interval), deviation: $0.standardError[interval])
        }
        return all
    }

    /// Whether a call of a resource can run in an interval.
    private func canRun(_ resource: DispatchProblem.Resource, in interval: Int, without limit: Limit?) -> Bool {
        guard resource.resourceClass != .critical, limit == .callsLeft || resource.callsLeft > 0,
            problem.callable.contains(interval), resource.capacity[interval] > 0
        else { return false }
        let earliest = max(problem.callable.lowerBound, limit == .notice ? 0 : problem.earliest(resource))
        guard interval >= earliest else { return false }
        guard limit != .duration else { return true }
        // The stretch around the interval in which it is there.
        var first = interval
        while first > earliest, resource.capacity[first - 1] > 0 { first -= 1 }
        var end = interval + 1
        while end < problem.callable.upperBound, resource.capacity[end] > 0 { end += 1 }
        let step = problem.step.seconds
        let shortest = max(1, (resource.minimumDuration.seconds + step - 1) / step)
        return shortest <= Int64(end - first) && shortest * step <= resource.maximumDuration.seconds
    }
}
