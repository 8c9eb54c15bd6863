public import Measures

/// A limit that a plan breaks.
public enum PlanViolation: Hashable, Sendable {
    case calledTwice(ResourceName)
    case critical(ResourceName)
    case duration(ResourceName, TimeSpan)
    /// A number of the plan is not what its calls give.
    case figures(String)
    case level(ResourceName, Double)
    case noCallsLeft(ResourceName)
    case notice(ResourceName, start: Instant, earliest: Instant)
    case outsideRequest(ResourceName)
    case unavailable(ResourceName, TimeWindow)
    case unknownResource(ResourceName)
    /// The target of an interval is not met with the probability asked for.
    case undelivered(TimeWindow, probability: Double)
}

/// Checks a plan against the resources' limits and the request, without the model that made the plan.
public struct PlanChecker: Sendable {
    private let resources: [ResourceName: DispatchResource]

    public init(resources: [DispatchResource]) {
        self.resources = Dictionary(resources.map { ($0.name, $0) }) { first, _ in first }
    }

    /// Every limit that the plan breaks; empty for a sound plan.
    public func violations(of plan: DispatchPlan) -> [PlanViolation] {
        var found: [PlanViolation] = []
        var names = Set<ResourceName>()
        for call in plan.calls {
            if !names.insert(call.resource).inserted { found.append(.calledTwice(call.resource)) }
            guard let resource = resources[call.resource] else {
                found.append(.unknownResource(call.resource))
                continue
            }
            found += violations(of: call, resource, plan.request)
        }
        guard found.isEmpty else { return found }
        return figures(plan) + delivery(plan)
    }

    private func violations(
        of call: DispatchCall, _ resource: DispatchResource, _ request: DispatchRequest
    ) -> [PlanViolation] {
        let name = call.resource
        guard !call.run.isEmpty, request.intervals.indices.contains(call.run.lowerBound),
            call.run.upperBound <= request.intervals.count
        else { return [.outsideRequest(name)] }
        let limits = resource.limits
        let start = request.intervals[call.run.lowerBound].start
        let duration = request.intervals[call.run.upperBound - 1].end - start
        let earliest = max(request.decidedAt + limits.notice, limits.restingUntil ?? request.decidedAt)
        var found: [PlanViolation] = []
        if resource.resourceClass == .critical { found.append(.critical(name)) }
        if limits.callsLeft < 1 { found.append(.noCallsLeft(name)) }
        if start < earliest { found.append(.notice(name, start: start, earliest: earliest)) }
        if duration < limits.minimumDuration || duration > limits.maximumDuration {
            found.append(.duration(name, duration))
        }
        if !resource.levels.contains(call.level) { found.append(.level(name, call.level)) }
        if call.window != TimeWindow(start: start, duration: duration) { found.append(.outsideRequest(name)) }
        for interval in call.run where resource.capacity[interval] <= .zero {
            found.append(.unavailable(name, request.intervals[interval]))
        }
        for (interval, expected) in call.expected.enumerated() {
            let share = call.run.contains(interval) ? call.level * resource.optInProbability : 0
            if abs(expected.value - share * resource.capacity[interval].value) > 1e-6 {
                found.append(.figures("expected reduction of \(name) in interval \(interval)"))
            }
        }
        return found
    }

    /// The totals and the cost, added up again.
    private func figures(_ plan: DispatchPlan) -> [PlanViolation] {
        var found: [PlanViolation] = []
        for (index, total) in plan.totals.enumerated() {
            let expected = plan.calls.reduce(0) { $0 + $1.expected[index].value }
            let slack = 1e-6 * max(1, expected)
            if abs(total.expected.value - expected) > slack || total.target != plan.request.target[index]
                || abs((total.expected - total.target - total.margin).value) > slack
            {
                found.append(.figures("total of interval \(index)"))
            }
        }
        let total = plan.calls.reduce(0.0) { sum, call in
            sum + (resources[call.resource].map { cost(call, $0, plan) } ?? 0)
        }
        if abs(total * 100 - Double(plan.cost.minorUnits)) > 0.501 { found.append(.figures("cost")) }
        return found
    }

    private func cost(_ call: DispatchCall, _ resource: DispatchResource, _ plan: DispatchPlan) -> Double {
        let energy = zip(call.expected, plan.request.intervals).reduce(0) { $0 + ($1.0 * $1.1.duration).kilowattHours }
        return energy * resource.energyPrice.unitsPerKilowattHour + Double(resource.callCost.minorUnits) / 100
    }

    private func delivery(_ plan: DispatchPlan) -> [PlanViolation] {
        let distribution = DeliveryDistribution(
            plan.calls.compactMap { call in
                resources[call.resource].map { resource in
                    .init(
                        probability: resource.optInProbability,
                        capacity: zip(0..., resource.capacity).map {
                            call.run.contains($0) ? call.level * $1.value : 0
                        },
                        standardError: zip(0..., resource.standardError).map {
                            call.run.contains($0) ? call.level * $1.value : 0
                        })
                }
            })
        return plan.request.target.indices.compactMap { index in
            let target = plan.request.target[index]
            guard target > .zero else { return nil }
            let probability = distribution.interval(index).probability(ofAtLeast: target.value)
            guard probability < plan.request.deliveryProbability - 1e-9 else { return nil }
            return .undelivered(plan.request.intervals[index], probability: probability)
        }
    }
}
