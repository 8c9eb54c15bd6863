import DemandResponse
import Measures
import SiteSimulation

/// Decides which sites to call, when and how deep.
enum DemoPlan {
    /// The nodes bind, not the seconds: a slow machine gets the same plan.
    private static let settings = DispatchRecord.Settings(gap: 0.005, seconds: 120)

    /// How sure the operator wants to be, in each interval, that the target is reached.
    static let deliveryProbability = 0.9

    /// What each site can do without, as its forecast and its traits say. A site without a baseline cannot be paid, so
    /// it is not called.
    static func resources(
        _ sites: [DemoSite], forecasts: [MeterForecast], _ scenario: DemoScenario
    ) -> [DispatchProblem.Resource] {
        zip(sites, forecasts).filter { DemoSettlement.hasBaseline($0.0, scenario) }.map { site, forecast in
            let traits = site.traits
            let steps = scenario.steps.map { forecast.power(during: $0, step: site.step) }
            let load = steps.map { max(0, $0.mean.kilowatts) }
            let capacity = load.map { $0 * traits.sheddableShare }
            let errors = zip(steps, capacity).map { step, capacity in
                let forecast = step.standardError.kilowatts * traits.sheddableShare
                let delivery = capacity * traits.relativeError
                return (forecast * forecast + delivery * delivery).squareRoot()
            }
            var resource = DispatchProblem.Resource(
                name: ResourceName(site.name), capacity: capacity, standardError: errors)
            resource.load = load
            resource.optIn = traits.optInProbability
            // Hundredths per MWh.
            resource.energyPrice = Double(traits.pricePerMegawattHour.minorUnits) / 100_000
            resource.callCost = Double(traits.callCost.minorUnits) / 100
            resource.notice = traits.notice
            resource.minimumDuration = traits.minimumDuration
            resource.maximumDuration = traits.maximumDuration
            resource.callsLeft = min(traits.callsLeftToday, traits.callsLeftThisSeason)
            resource.firstShare = traits.firstIntervalShare
            resource.levels = [0.5, 0.75, 1]
            return resource
        }
    }

    /// The change of load in watts that a call asks for in each step of the event: all of it from the first step on, in
    /// which the plan counts on less.
    static func changes(_ call: DispatchProposal.Call, steps: Int) -> [Double] {
        (0..<steps).map { call.run.contains($0) ? -(call.asked[$0 - call.first] * 1_000).rounded() : 0 }
    }

    /// The cheapest plan for `target`; without one, for three quarters of what the sites offer, and less where so few sites
    /// cannot promise it.
    static func plan(
        target: Watts?, resources: [DispatchProblem.Resource], _ scenario: DemoScenario
    ) async throws -> DispatchRecord {
        guard !resources.isEmpty else {
            throw CommandFailure(
                "No site has enough history for a baseline.", hint: "take more history (--days)", status: .refused)
        }
        if let target {
            let record = try await decide(target.kilowatts, resources, scenario)
            guard record.plan.status == .short else { return record }
            throw CommandFailure(
                "The target cannot be promised: \(record.plan.reason ?? "too much is missing").",
                hint: "ask for less (--target), or take more sites (--sites)", status: .refused)
        }
        var last: DispatchRecord?
        for share in [0.75, 0.6, 0.45, 0.3, 0.2, 0.1] {
            let record = try await decide(offered(resources) * share, resources, scenario)
            guard record.plan.status == .short else { return record }
            last = record
        }
        throw CommandFailure(
            "\(resources.count) sites cannot promise anything: \(last?.plan.reason ?? "too much is missing").",
            hint: "take more sites (--sites) or more history (--days)", status: .refused)
    }

    /// - Parameter target: kW; whole ones are asked for, at least one.
    private static func decide(
        _ target: Double, _ resources: [DispatchProblem.Resource], _ scenario: DemoScenario
    ) async throws -> DispatchRecord {
        let steps = scenario.steps
        let none = [Double?](repeating: nil, count: steps.count)
        var problem = DispatchProblem(
            decidedAt: scenario.clockStart, start: scenario.window.start, step: steps[0].duration,
            target: [Double?](repeating: max(1, target.rounded()), count: steps.count), callable: 0..<steps.count,
            shortfallPrice: 0, reboundLimit: none,
            feeders: [DispatchProblem.withoutLimits("all", steps.count)], resources: resources)
        problem.deliveryProbability = deliveryProbability
        problem.shortfallPrice = DispatchProblem.dearest(resources, problem.step)
        return try await DispatchRecord.made(problem, settings)
    }

    /// What the sites are expected to shed together in the interval in which they can shed least, kW.
    private static func offered(_ resources: [DispatchProblem.Resource]) -> Double {
        guard let count = resources.first?.capacity.count else { return 0 }
        return (0..<count)
            .map { step in resources.reduce(0) { $0 + $1.capacity[step] * $1.optIn * (step == 0 ? $1.firstShare : 1) } }
            .min() ?? 0
    }
}
