import Measures
public import Optimization

/// A plan, or the reason why there is none.
public enum DispatchDecision: Hashable, Sendable {
    case plan(DispatchPlan)
    case refused(DispatchRefusal)
}

/// What is wrong with the planner's input; `unsound` is a fault of the planner itself that its checker found.
public enum DispatchPlanningError: Error, Hashable, Sendable {
    case differentCurrencies(ResourceName)
    case noResources
    case repeatedName(ResourceName)
    /// The only plan that was found breaks these limits, so it is not handed out.
    case unsound([PlanViolation])
    /// The resource's capacities are not one for each interval of the request.
    case wrongLength(ResourceName)
}

/// Picks resources, intervals and levels at least cost so that every interval's target is met with the probability
/// asked for.
///
/// Each pass solves the pattern model, judges the selection by its distribution, moves the tangent of the margin to the
/// selection's own variance and adds what was missing. The cheapest selection that is sure enough wins. When the solver
/// has no answer in time, the greedy rule gives one, and the plan says so. Equal input gives an equal plan, as long as
/// the limit of elapsed seconds is not reached.
public struct DispatchPlanner: Sendable {
    /// For each of at most five passes.
    public var limits: SolveLimits
    private let solver: any LinearSolver

    private static let passes = 5
    /// More columns than this go to the greedy rule.
    private static let mostPatterns = 200_000

    public init(
        solver: any LinearSolver = CBCSolver(), limits: SolveLimits = SolveLimits(seconds: 10, gap: 0.005, nodes: 2_000)
    ) {
        self.solver = solver
        self.limits = limits
    }

    public func plan(
        _ request: DispatchRequest, resources: [DispatchResource]
    ) async throws(DispatchPlanningError) -> DispatchDecision {
        try Self.check(request, resources)
        let model = PatternModel(request, resources.sorted { $0.name < $1.name })
        if let refusal = Reachability(model).refusal() { return .refused(refusal) }
        var search = DispatchSearch(model)
        if model.patterns.count <= Self.mostPatterns {
            await run(&search)
        } else {
            search.failure = "\(model.patterns.count) ways to call are too many for one model"
        }
        let polish = Polish(model)
        for candidate in [search.best, greedy(model, search)].compactMap(\.self) {
            let plan = polish.improved(candidate).plan(model)
            if PlanChecker(resources: resources).violations(of: plan).isEmpty { return .plan(plan) }
        }
        return try await bestEffort(model)
    }

    private static func check(
        _ request: DispatchRequest, _ resources: [DispatchResource]
    ) throws(DispatchPlanningError) {
        guard let currency = resources.first?.callCost.currency else { throw .noResources }
        var names = Set<ResourceName>()
        for resource in resources {
            guard names.insert(resource.name).inserted else { throw .repeatedName(resource.name) }
            guard resource.capacity.count == request.intervals.count else { throw .wrongLength(resource.name) }
            guard resource.callCost.currency == currency else { throw .differentCurrencies(resource.name) }
        }
    }

    private func run(_ search: inout DispatchSearch) async {
        for _ in 0..<Self.passes {
            guard let model = search.linearModel() else { return }
            let outcome = await solver.solve(model, limits: limits)
            guard search.take(outcome) == .again else { return }
        }
    }

    private func greedy(_ model: PatternModel, _ search: DispatchSearch) -> DispatchCandidate? {
        guard search.best == nil, let selection = GreedyDispatch(model: model).selection() else { return nil }
        let reason = search.failure ?? "no pass was sure enough"
        return DispatchCandidate(model, selection, solution: nil, reason: "the greedy rule: \(reason)")
    }

    /// Every interval can be met by itself, yet no plan was found: as much as possible of all of them at once.
    private func bestEffort(_ model: PatternModel) async throws(DispatchPlanningError) -> DispatchDecision {
        let everything = model.moments(Reachability(model).everyone).map(\.variance)
        let none = [Double](repeating: 0, count: everything.count)
        var selection: [DispatchPattern] = []
        if model.patterns.count <= Self.mostPatterns,
            let linear = try? model.linearModel(variances: everything, extra: none, leastShortfall: true),
            let solution = await solver.solve(linear, limits: limits).solution
        {
            selection = model.selection(solution)
        }
        let candidate = DispatchCandidate(model, selection, solution: nil, reason: "the plan with the least shortfall")
        guard candidate.delivery.isSureEnough else {
            return .refused(Reachability(model).refusal(candidate.delivery))
        }
        let plan = Polish(model).improved(candidate).plan(model)
        let violations = PlanChecker(resources: model.resources).violations(of: plan)
        guard violations.isEmpty else { throw .unsound(violations) }
        return .plan(plan)
    }
}
