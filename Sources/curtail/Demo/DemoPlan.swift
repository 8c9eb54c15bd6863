import DemandResponse
import Measures
import Optimization
import SiteSimulation

/// Decides which sites to call, when and how deep.
enum DemoPlan {
    /// The nodes bind, not the seconds: a slow machine gets the same plan.
    private static let planner = DispatchPlanner(limits: SolveLimits(seconds: 120, gap: 0.005, nodes: 2_000))

    /// How sure the operator wants to be, in each interval, that the target is reached.
    static let deliveryProbability = 0.9

    /// What each site can do without, as its forecast and its traits say. A site without a baseline cannot be paid, so
    /// it is not called.
    static func resources(
        _ sites: [DemoSite], forecasts: [MeterForecast], _ scenario: DemoScenario
    ) throws -> [DispatchResource] {
        try zip(sites, forecasts).filter { DemoSettlement.hasBaseline($0.0, scenario) }.map { site, forecast in
            let steps = scenario.steps.map { forecast.power(during: $0, step: site.step) }
            let share = site.traits.sheddableShare
            let capacity = steps.enumerated().map { index, step in
                max(step.mean, .zero) * share * delivered(inStep: index, by: site)
            }
            let errors = zip(steps, capacity).map { step, capacity in
                let load = step.standardError.value * share
                let delivery = capacity.value * site.traits.relativeError
                return Watts((load * load + delivery * delivery).squareRoot())
            }
            return try DispatchResource(
                name: ResourceName(site.name), capacity: capacity, standardError: errors,
                optInProbability: site.traits.optInProbability,
                energyPrice: EnergyPrice(
                    micros: site.traits.pricePerMegawattHour.minorUnits * 10,
                    currency: site.traits.pricePerMegawattHour.currency),
                callCost: site.traits.callCost, levels: [0.5, 0.75, 1],
                limits: DispatchResource.Limits(
                    notice: site.traits.notice, minimumDuration: site.traits.minimumDuration,
                    maximumDuration: site.traits.maximumDuration,
                    callsLeft: min(site.traits.callsLeftToday, site.traits.callsLeftThisSeason)))
        }
    }

    /// The change of load in watts that a call asks for in each step of the event: all of it from the first step on, in
    /// which the plan counts on less.
    static func changes(_ call: DispatchCall, of resource: DispatchResource, at site: DemoSite) -> [Double] {
        resource.capacity.enumerated().map { step, capacity in
            guard call.run.contains(step) else { return 0 }
            return -(capacity.value / delivered(inStep: step, by: site) * call.level).rounded()
        }
    }

    /// The share of what is asked for that a site is expected to deliver: it takes a while to come down.
    private static func delivered(inStep step: Int, by site: DemoSite) -> Double {
        step == 0 ? site.traits.firstIntervalShare : 1
    }

    /// The cheapest plan for `target`; without one, for three quarters of what the sites offer, and less where so few sites
    /// cannot promise it.
    static func plan(
        target: Watts?, resources: [DispatchResource], _ scenario: DemoScenario
    ) async throws -> DispatchPlan {
        if let target {
            switch try await decide(target, resources, scenario) {
            case .plan(let plan): return plan
            case .refused(let refusal): throw failure(refusal)
            }
        }
        var last: DispatchRefusal?
        for share in [0.75, 0.6, 0.45, 0.3, 0.2, 0.1] {
            switch try await decide(offered(resources) * share, resources, scenario) {
            case .plan(let plan): return plan
            case .refused(let refusal): last = refusal
            }
        }
        throw CommandFailure(
            last.map { "\(resources.count) sites cannot promise anything: \($0)." }
                ?? "The sites offer nothing that could be shed.",
            hint: "take more sites (--sites) or more history (--days)", status: .refused)
    }

    private static func decide(
        _ target: Watts, _ resources: [DispatchResource], _ scenario: DemoScenario
    ) async throws -> DispatchDecision {
        let request = try DispatchRequest(
            intervals: scenario.steps, target: scenario.steps.map { _ in whole(target) },
            deliveryProbability: deliveryProbability, decidedAt: scenario.clockStart)
        return try await planner.plan(request, resources: resources)
    }

    /// What the sites are expected to shed together in the interval in which they can shed least.
    private static func offered(_ resources: [DispatchResource]) -> Watts {
        guard let count = resources.first?.capacity.count else { return .zero }
        return (0..<count)
            .map { step in resources.reduce(Watts.zero) { $0 + $1.capacity[step] * $1.optInProbability } }
            .min() ?? .zero
    }

    /// A target in whole kilowatts, at least one.
    private static func whole(_ target: Watts) -> Watts {
        .kilowatts(max(1, target.kilowatts.rounded()))
    }

    private static func failure(_ refusal: DispatchRefusal) -> CommandFailure {
        CommandFailure(
            "The target cannot be promised: \(refusal).",
            hint: "ask for less (--target), or take more sites (--sites)", status: .refused)
    }
}
