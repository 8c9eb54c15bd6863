public import Optimization

/// Plans a site by the mixed-integer model; when that has no answer in time, by the naive policy, and says so.
public struct SitePlanner: Sendable {
    public var limits: SolveLimits
    private let solver: any LinearSolver

    public init(solver: any LinearSolver = CBCSolver(), limits: SolveLimits = SolveLimits(seconds: 30, gap: 0.005)) {
        self.solver = solver
        self.limits = limits
    }

    public func schedule(_ site: Site) async -> SiteSchedule {
        do {
            let model = try SiteModel(site)
            let outcome = await solver.solve(model.model, limits: limits)
            if let solution = outcome.solution { return model.schedule(solution) }
            return NaivePolicy(site).schedule(reason: "the solver has no answer: \(outcome)")
        } catch {
            return NaivePolicy(site).schedule(reason: "the model cannot be built: \(error)")
        }
    }
}
