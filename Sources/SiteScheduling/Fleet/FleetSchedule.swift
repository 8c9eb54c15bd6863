public import Optimization

/// What a fleet does in each step, in watt-hours, and what that brings.
public struct FleetSchedule: Hashable, Sendable {
    /// With what flows beyond a limit of the meter.
    public let imports: [Double]
    public let exports: [Double]
    /// For each battery, for each step.
    public let charge: [[Double]]
    public let discharge: [[Double]]
    /// At the end of each step.
    public let stored: [[Double]]
    /// Wishes and limits that could not be kept.
    public let slacks: [SiteSchedule.Slack]
    /// What is sold less what is bought, and what the batteries gain from the end of the first step to the end: evcc's
    /// `objective_value`.
    public let money: Double
    /// With penalties and preferences: what is made as large as possible.
    public let total: Double
    /// No schedule has a larger total; nil when unknown.
    public let bound: Double?
    public let status: SiteSchedule.Status
}

/// Plans a fleet by the mixed-integer model.
public struct FleetPlanner: Sendable {
    public var limits: SolveLimits
    private let solver: any LinearSolver

    public init(solver: any LinearSolver = CBCSolver(), limits: SolveLimits = SolveLimits(seconds: 30)) {
        self.solver = solver
        self.limits = limits
    }

    /// The schedule, or why there is none: every limit is soft, so only the solver's own limits can be the reason.
    public func schedule(_ fleet: StorageFleet) async -> Result<FleetSchedule, FleetFailure> {
        do {
            let model = try FleetModel(fleet)
            let outcome = await solver.solve(model.model, limits: limits)
            guard let solution = outcome.solution else {
                return .failure(FleetFailure(reason: "the solver has no answer: \(outcome)"))
            }
            return .success(model.schedule(solution))
        } catch {
            return .failure(FleetFailure(reason: "the model cannot be built: \(error)"))
        }
    }
}

/// Why a fleet has no schedule.
public struct FleetFailure: Error, Hashable, Sendable {
    public let reason: String
}
