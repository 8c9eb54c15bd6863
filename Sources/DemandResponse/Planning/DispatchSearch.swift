import Measures
import Optimization

/// The passes over the pattern model: where the tangent lies, what is added on top, and the best selection so far.
struct DispatchSearch {
    enum Next {
        case again
        case done
    }

    private let model: PatternModel
    /// The tangent's place, watts squared for each interval.
    private var variances: [Double]
    /// Watts on top of each target (or, below zero, off it), as the distribution is not normal.
    private var extra: [Double]
    private var selections: Set<[DispatchPattern]> = []
    private var triedEverything = false

    private(set) var best: DispatchCandidate?
    /// Why the solver has no answer.
    var failure: String?

    init(_ model: PatternModel) {
        self.model = model
        extra = [Double](repeating: 0, count: model.request.intervals.count)
        // Everyone's variance, cut down to the share of everyone that the target takes.
        variances = zip(model.moments(Reachability(model).everyone), model.request.target).map { all, target in
            all.mean > 0 ? all.variance * min(1, target.value / all.mean) : 0
        }
    }

    /// Nil when a number of the model is beyond what a solver can use.
    mutating func linearModel() -> LinearModel? {
        do {
            return try model.linearModel(variances: variances, extra: extra)
        } catch {
            failure = "the model cannot be built: \(error)"
            return nil
        }
    }

    mutating func take(_ outcome: SolveOutcome) -> Next {
        guard let solution = outcome.solution else { return takeFailure(outcome) }
        let selection = model.selection(solution)
        let candidate = DispatchCandidate(model, selection, solution: solution, reason: nil)
        if candidate.delivery.isSureEnough, candidate.cost < best?.cost ?? .infinity { best = candidate }
        let isNew = selections.insert(selection).inserted
        let moments = model.moments(selection)
        if candidate.delivery.isSureEnough, !isNew { return .done }
        variances = moments.map(\.variance)
        // The normal distribution's quantile less the true one, for this selection: a selection that was not sure
        // enough is shut out by it, one that was too sure makes room for a cheaper one.
        for (index, target) in model.request.target.enumerated() {
            let normal = moments[index].mean - model.z * moments[index].variance.squareRoot()
            extra[index] = max(normal - candidate.delivery.delivered[index], -0.5 * target.value)
        }
        return .again
    }

    /// No answer: a tangent at everyone's variance is the sharpest where nearly everyone is needed.
    private mutating func takeFailure(_ outcome: SolveOutcome) -> Next {
        switch outcome {
        case .solved: return .done
        case .failed(let reason): failure = reason
        case .noIncumbent: failure = "no answer before the limits"
        case .unbounded: failure = "the model has no least cost"
        case .infeasible:
            failure = "the linearised model has no answer"
            guard best == nil, !triedEverything else { return .done }
            triedEverything = true
            variances = model.moments(Reachability(model).everyone).map(\.variance)
            return .again
        }
        return .done
    }
}

/// A selection with what it costs and delivers.
struct DispatchCandidate {
    let selection: [DispatchPattern]
    let cost: Double
    let delivery: Delivery
    /// The solve that it came from.
    private let solution: Solution?
    /// Why it did not come from a finished solve.
    private let reason: String?

    init(_ model: PatternModel, _ selection: [DispatchPattern], solution: Solution?, reason: String?) {
        self.selection = selection.sorted { $0.resource < $1.resource }
        self.solution = solution
        self.reason = reason
        cost = self.selection.reduce(0) { $0 + model.cost($1) }
        delivery = Delivery(model, self.selection)
    }

    /// Another selection that took this one's place.
    func replaced(by selection: [DispatchPattern], _ model: PatternModel) -> DispatchCandidate {
        DispatchCandidate(model, selection, solution: solution, reason: reason)
    }

    func plan(_ model: PatternModel) -> DispatchPlan {
        let moments = model.moments(selection)
        let currency = model.resources[0].callCost.currency
        let bound = solution.flatMap { $0.bound.isFinite ? min($0.bound, cost) : nil }
        return DispatchPlan(
            request: model.request,
            calls: selection.map { call(model, $0) },
            totals: model.request.intervals.indices.map { index in
                let expected = Watts(moments[index].mean)
                return DispatchTotal(
                    window: model.request.intervals[index], target: model.request.target[index], expected: expected,
                    standardDeviation: Watts(moments[index].variance.squareRoot()),
                    margin: expected - model.request.target[index], probability: delivery.probabilities[index])
            },
            cost: Money(minorUnits: Int64((cost * 100).rounded()), currency: currency),
            bound: bound.map { Money(minorUnits: Int64(($0 * 100 + 1e-6).rounded(.down)), currency: currency) },
            gap: bound.map { cost > 0 ? max(0, (cost - $0) / cost) : 0 },
            status: status,
            notCalled: model.resources.indices.filter { index in !selection.contains { $0.resource == index } }.map {
                .init(resource: model.resources[$0].name, reason: model.resources[$0].notCalledReason(model.request))
            })
    }

    private var status: DispatchPlan.Status {
        switch solution?.quality {
        case .proven: .proven
        case .withinGap: .withinGap
        case .limitReached: .fallback("the solver's limits came before the gap")
        case nil: .fallback(reason ?? "without a solver")
        }
    }

    private func call(_ model: PatternModel, _ pattern: DispatchPattern) -> DispatchCall {
        let intervals = model.request.intervals
        let resource = model.resources[pattern.resource]
        let start = intervals[pattern.run.lowerBound].start
        return DispatchCall(
            resource: resource.name, run: pattern.run,
            window: TimeWindow(start: start, duration: intervals[pattern.run.upperBound - 1].end - start),
            level: pattern.level, expected: intervals.indices.map { Watts(pattern.mean(resource, at: $0)) })
    }
}

extension DispatchResource {
    fileprivate func notCalledReason(_ request: DispatchRequest) -> NotCalledReason {
        if resourceClass == .critical { return .critical }
        if limits.callsLeft == 0 { return .noCallsLeft }
        if !capacity.contains(where: { $0 > .zero }) { return .noCapacity }
        if !runs(in: request).isEmpty { return .notNeeded }
        guard !withoutWaiting.runs(in: request).isEmpty else { return .duration }
        if let until = limits.restingUntil, until > request.decidedAt + limits.notice { return .resting(until: until) }
        return .notice(earliest: earliestStart(decidedAt: request.decidedAt))
    }
}
