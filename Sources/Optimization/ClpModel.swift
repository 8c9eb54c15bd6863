import CCbc

/// One model without integers for one solve by Clp, made and freed on the owner's thread.
///
/// CBC would pass such a model on, but its C interface then tells neither the status nor an unbounded model apart.
struct ClpModel: ~Copyable {
    private let raw: UnsafeMutableRawPointer
    private let model: LinearModel

    init(_ model: LinearModel) {
        self.model = model
        raw = Clp_newModel()
        Clp_setLogLevel(raw, 0)
        let matrix = SparseColumns(model)
        Clp_loadProblem(
            raw, Int32(model.columns.count), Int32(model.rows.count), matrix.starts, matrix.rows, matrix.coefficients,
            matrix.columnLower, matrix.columnUpper, model.columns.map(\.cost), matrix.rowLower, matrix.rowUpper)
    }

    deinit {
        Clp_deleteModel(raw)
    }

    consuming func solve(_ limits: SolveLimits) -> SolveOutcome {
        Clp_setMaximumSeconds(raw, limits.seconds)
        Clp_initialSolve(raw)
        return switch Clp_status(raw) {
        case 0: optimum()
        case 1: .infeasible
        case 2: .unbounded
        case 3: .noIncumbent
        default: .failed("Clp ended with status \(Clp_status(raw))")
        }
    }

    private func optimum() -> SolveOutcome {
        guard let answer = Clp_primalColumnSolution(raw) else { return .failed("Clp ended without an answer") }
        let values = Array(UnsafeBufferPointer(start: answer, count: model.columns.count))
        if let violation = model.violation(of: values) { return .failed("Clp's answer breaks a limit: \(violation)") }
        let objective = model.objective(of: values)
        return .solved(Solution(values: values, objective: objective, bound: objective, nodes: 0, quality: .proven))
    }
}
