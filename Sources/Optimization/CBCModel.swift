import CCbc

/// One mixed-integer model for one solve by CBC: made, solved once and freed on the owner's thread.
///
/// A C model must not be read as a model again, nor solved again, once it was solved (header of `Cbc_clone`).
struct CBCModel: ~Copyable {
    let raw: UnsafeMutableRawPointer
    let model: LinearModel
    /// The factor that brings the largest cost to about 1e6: CBC takes gains under 1e-7 for noise. A power of two, so
    /// that no cost changes in its last digit.
    private let scale: Double

    init(_ model: LinearModel) {
        self.model = model
        let largest = model.columns.lazy.map { abs($0.cost) }.max() ?? 0
        scale = largest > 0 ? Double(sign: .plus, exponent: 20 - Int(largest.exponent), significand: 1) : 1
        raw = Cbc_newModel()
        // Before anything else: nothing may reach standard output.
        Cbc_setLogLevel(raw, 0)
        Cbc_setParameter(raw, "log", "0")
        load()
    }

    deinit {
        Cbc_deleteModel(raw)
    }

    /// Hands the model over in one call, as compressed sparse columns.
    private func load() {
        let matrix = SparseColumns(model)
        Cbc_loadProblem(
            raw, Int32(model.columns.count), Int32(model.rows.count), matrix.starts, matrix.rows, matrix.coefficients,
            matrix.columnLower, matrix.columnUpper, model.columns.map { $0.cost * scale }, matrix.rowLower,
            matrix.rowUpper)
        for (index, column) in model.columns.enumerated() where column.isInteger {
            Cbc_setInteger(raw, Int32(index))
        }
        Cbc_setObjSense(raw, 1)
    }

    consuming func solve(_ limits: SolveLimits) -> SolveOutcome {
        Cbc_setParameter(raw, "timeMode", "elapsed")
        // The default, "sos", has given wrong answers (Cbc issues 283 and 449).
        Cbc_setParameter(raw, "preprocess", "on")
        if !limits.usesCuts { Cbc_setParameter(raw, "cuts", "off") }
        Cbc_setMaximumSeconds(raw, limits.seconds)
        Cbc_setAllowableFractionGap(raw, limits.gap)
        Cbc_setAllowableGap(raw, limits.absoluteGap * scale)
        Cbc_setMaximumNodes(raw, Int32(clamping: limits.nodes))
        Cbc_solve(raw)
        return outcome(limits)
    }

    private func outcome(_ limits: SolveLimits) -> SolveOutcome {
        if Cbc_isAbandoned(raw) != 0 { return .failed("CBC gave up for numerical reasons") }
        if Cbc_isProvenInfeasible(raw) != 0 || Cbc_isInitialSolveProvenPrimalInfeasible(raw) != 0 { return .infeasible }
        if Cbc_isContinuousUnbounded(raw) != 0 || Cbc_secondaryStatus(raw) == 7 { return .unbounded }
        guard let best = Cbc_bestSolution(raw) else {
            return Cbc_status(raw) == 1 ? .noIncumbent : .failed("CBC ended without an answer: \(statusText)")
        }
        let values = zip(model.columns, UnsafeBufferPointer(start: best, count: model.columns.count)).map {
            $0.isInteger && abs($1 - $1.rounded()) <= LinearModel.integralityTolerance ? $1.rounded() : $1
        }
        if let violation = model.violation(of: values) {
            return .failed("CBC's answer breaks a limit: \(violation); \(statusText)")
        }
        return .solved(solution(values, limits))
    }

    private func solution(_ values: [Double], _ limits: SolveLimits) -> Solution {
        let objective = model.objective(of: values)
        let reported = Cbc_getBestPossibleObjValue(raw) / scale
        let tolerance = 1e-6 * max(1, abs(objective))
        let finished = Cbc_status(raw) == 0
        // "Proven optimal" is also said of a search that stopped on its gap, so the bound decides.
        let asksForProof = limits.gap == 0 && limits.absoluteGap == 0
        let isProven =
            finished && Cbc_secondaryStatus(raw) == 0 && (asksForProof || reported >= objective - tolerance)
        let bound = isProven ? objective : (abs(reported) < 1e30 ? reported : -.infinity)
        return Solution(
            values: values, objective: objective, bound: bound, nodes: Int(Cbc_getNodeCount(raw)),
            quality: isProven ? .proven : (finished ? .withinGap : .limitReached))
    }

    private var statusText: String {
        "status \(Cbc_status(raw)), secondary status \(Cbc_secondaryStatus(raw))"
    }
}
