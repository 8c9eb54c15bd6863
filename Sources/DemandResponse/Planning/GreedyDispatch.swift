import Measures

/// The deadline's fallback: call what costs least for each useful kilowatt-hour until the target is met surely enough.
///
/// Never the planner's answer while a solver has one: it spends calls early and overshoots.
struct GreedyDispatch {
    let model: PatternModel

    /// Nil when every resource is called and the target is still not met.
    func selection() -> [DispatchPattern]? {
        var extra = [Double](repeating: 0, count: model.request.intervals.count)
        var chosen: [DispatchPattern] = []
        var left = model.patterns
        while true {
            let missing = missing(chosen, extra)
            if missing.allSatisfy({ $0 <= 0 }) {
                let shortfalls = Delivery(model, chosen).shortfalls
                if shortfalls.allSatisfy({ $0 == 0 }) { return chosen }
                // The normal margin was too kind here.
                for index in extra.indices where shortfalls[index] > 0 {
                    extra[index] += max(shortfalls[index], 0.01 * model.request.target[index].value)
                }
                continue
            }
            guard let best = cheapest(left, missing) else { return nil }
            chosen.append(best)
            left.removeAll { $0.resource == best.resource }
        }
    }

    /// Watts that are missing in each interval under the normal margin.
    private func missing(_ chosen: [DispatchPattern], _ extra: [Double]) -> [Double] {
        zip(model.moments(chosen), zip(model.request.target, extra)).map { moment, need in
            guard need.0 > .zero else { return 0 }
            let missing = need.0.value + need.1 - (moment.mean - model.z * moment.variance.squareRoot())
            return missing > 1e-6 * need.0.value ? missing : 0
        }
    }

    /// Least cost for each useful watt; the first of equals.
    private func cheapest(_ patterns: [DispatchPattern], _ missing: [Double]) -> DispatchPattern? {
        var best: (pattern: DispatchPattern, score: Double)?
        for pattern in patterns {
            let resource = model.resources[pattern.resource]
            let useful = pattern.run.reduce(0) { $0 + min(pattern.mean(resource, at: $1), missing[$1]) }
            guard useful > 0 else { continue }
            let score = (model.cost(pattern) + 1e-9) / useful
            if score < best?.score ?? .infinity { best = (pattern, score) }
        }
        return best?.pattern
    }
}
