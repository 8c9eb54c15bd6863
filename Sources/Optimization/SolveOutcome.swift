/// When a solver stops. The first limit that is reached counts.
public struct SolveLimits: Hashable, Sendable {
    /// Elapsed seconds of the machine's clock: a backstop, as an answer that it cuts off depends on the machine.
    public var seconds: Double
    /// The relative gap between cost and bound at which an answer is good enough; zero asks for proof.
    public var gap: Double
    /// The gap between cost and bound, in cost units, at which an answer is good enough.
    public var absoluteGap: Double
    /// Nodes of the search tree: the same everywhere, so an answer that this limit cuts off can be reproduced.
    public var nodes: Int

    /// Whether the solver looks for cutting planes: they help to prove, and cost time where the relaxation is tight.
    public var usesCuts: Bool

    public init(
        seconds: Double = 30, gap: Double = 0, absoluteGap: Double = 0, nodes: Int = 1_000_000, usesCuts: Bool = true
    ) {
        self.seconds = seconds
        self.gap = gap
        self.absoluteGap = absoluteGap
        self.nodes = nodes
        self.usesCuts = usesCuts
    }
}

/// An assignment that meets every limit of its model, checked outside the solver.
public struct Solution: Hashable, Sendable {
    /// How good the assignment is known to be.
    public enum Quality: Hashable, Sendable {
        /// Nothing cheaper exists.
        case proven
        /// Nothing cheaper by more than the gap that was asked for exists.
        case withinGap
        /// The time or node limit came first.
        case limitReached
    }

    /// One value for each column, whole where the column is.
    public let values: [Double]
    public let objective: Double
    /// No assignment costs less than this; minus infinity when the solver has no bound.
    public let bound: Double
    public let nodes: Int
    public let quality: Quality

    public init(values: [Double], objective: Double, bound: Double, nodes: Int, quality: Quality) {
        self.values = values
        self.objective = objective
        self.bound = min(bound, objective)
        self.nodes = nodes
        self.quality = quality
    }

    /// (objective - bound) / |objective|; zero when proven.
    public var gap: Double {
        let distance = objective - bound
        return distance <= 0 ? 0 : distance / max(abs(objective), 1e-9)
    }

    public subscript(column: LinearModel.ColumnID) -> Double { values[column.index] }
}

/// What came of a solve.
public enum SolveOutcome: Hashable, Sendable {
    case solved(Solution)
    /// No assignment meets every limit.
    case infeasible
    /// The cost has no lower end.
    case unbounded
    /// The time or node limit came before the first assignment.
    case noIncumbent
    /// The solver gave up or its answer did not hold; the text says why.
    case failed(String)

    /// The assignment, when there is one.
    public var solution: Solution? {
        if case .solved(let solution) = self { solution } else { nil }
    }
}

/// Whatever solves a model. Never throws: every end of a solve is an outcome.
public protocol LinearSolver: Sendable {
    func solve(_ model: LinearModel, limits: SolveLimits) async -> SolveOutcome
}
