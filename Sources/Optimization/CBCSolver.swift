import CCbc
import Dispatch

/// COIN-OR's branch and cut (CBC 2.10, with Clp for pure linear models).
///
/// `Cbc_solve` keeps state in globals: two threads that solve at once can both be told "proven optimal, objective 0"
/// (Cbc issues 223, 304, 332). So one serial queue of the process owns every call; it has a thread of its own, and
/// callers wait for it without blocking the cooperative pool. A solve that has begun cannot be stopped but by its
/// limits; one that still waits when its task is cancelled is not begun.
///
/// One thread, fixed seeds: equal models and limits give equal answers, unless the time limit cuts in.
public struct CBCSolver: LinearSolver {
    private static let owner = DispatchQueue(label: "Optimization.CBCSolver")

    /// The solver and its version, for whoever keeps what it found.
    public static let version = "CBC \(String(cString: Cbc_getVersion()))"

    private let archive: ModelArchive?

    /// - Parameter archive: where models are written down; nil for nowhere.
    public init(archive: ModelArchive? = nil) {
        self.archive = archive
    }

    public func solve(_ model: LinearModel, limits: SolveLimits) async -> SolveOutcome {
        guard limits.seconds > 0, limits.gap >= 0, limits.absoluteGap >= 0, limits.nodes > 0 else {
            return .failed("the limits leave no room to solve: \(limits)")
        }
        guard !model.columns.isEmpty else { return Self.solveWithoutColumns(model) }
        guard !Task.isCancelled else { return .failed("cancelled before the solve began") }
        return await withCheckedContinuation { continuation in
            Self.owner.async {
                let hasIntegers = model.columns.contains(where: \.isInteger)
                let outcome = hasIntegers ? CBCModel(model).solve(limits) : ClpModel(model).solve(limits)
                continuation.resume(returning: archived(model, outcome))
            }
        }
    }

    /// The outcome; a failure says where its model is.
    private func archived(_ model: LinearModel, _ outcome: SolveOutcome) -> SolveOutcome {
        guard let archive, archive.wants(outcome), let path = archive.write(model) else { return outcome }
        if case .failed(let reason) = outcome { return .failed("\(reason); the model is in \(path)") }
        return outcome
    }

    /// Nothing to decide: CBC is not asked, as it takes no model without columns.
    private static func solveWithoutColumns(_ model: LinearModel) -> SolveOutcome {
        guard model.violation(of: []) == nil else { return .infeasible }
        return .solved(Solution(values: [], objective: 0, bound: 0, nodes: 0, quality: .proven))
    }
}
