import Measures
import Optimization

/// The pattern model of a request: one binary for each way to call each resource, at most one way for each.
///
/// ```
/// minimise    sum cost * x
/// subject to  sum of a resource's x <= 1
///             sum (mean - z * variance / (2 * sqrt(V0))) * x >= target + z * sqrt(V0) / 2     for each interval
/// ```
///
/// The last row is the tangent at V0 of `mean - z * sqrt(variance) >= target`. The root is concave, so the tangent lies
/// above it: whatever the row admits meets the true limit, for any V0, and sharply where the variance is V0.
struct PatternModel {
    let request: DispatchRequest
    let resources: [DispatchResource]
    let patterns: [DispatchPattern]
    /// How many standard deviations the margin is, for the probability asked for.
    let z: Double

    init(_ request: DispatchRequest, _ resources: [DispatchResource]) {
        self.request = request
        self.resources = resources
        z = Normal.quantile(request.deliveryProbability)
        patterns = resources.indices.flatMap { index in
            let runs = resources[index].runs(in: request)
            return resources[index].levels.flatMap { level in
                runs.map { DispatchPattern(resource: index, run: $0, level: level) }
            }
        }
    }

    func cost(_ pattern: DispatchPattern) -> Double {
        pattern.cost(resources[pattern.resource], request.intervals)
    }

    /// Mean and variance of a selection in each interval, in watts.
    func moments(_ selection: [DispatchPattern]) -> [(mean: Double, variance: Double)] {
        request.intervals.indices.map { interval in
            selection.reduce((mean: 0, variance: 0)) { sum, pattern in
                let resource = resources[pattern.resource]
                return (
                    sum.mean + pattern.mean(resource, at: interval),
                    sum.variance + pattern.variance(resource, at: interval)
                )
            }
        }
    }

    /// The linear model with the margin's tangent at `variances`, in watts squared, and `extra` watts on top.
    ///
    /// With `leastShortfall` the cost is left aside, and the share of the target that is missing is made as small as
    /// possible.
    func linearModel(variances: [Double], extra: [Double], leastShortfall: Bool = false) throws(ModelError)
        -> LinearModel
    {
        var model = LinearModel()
        var columns: [LinearModel.ColumnID] = []
        for pattern in patterns {
            let cost = leastShortfall ? 0 : self.cost(pattern)
            columns.append(try model.addBinary("\(resources[pattern.resource].name) \(pattern.run)", cost: cost))
        }
        let shortfall = leastShortfall ? try model.addColumn("shortfall", upper: 2, cost: 1) : nil
        for (resource, group) in Self.grouped(patterns) {
            try model.addRow("\(resources[resource].name)", group.map { .init(1, columns[$0]) }, upper: 1)
        }
        for interval in request.intervals.indices where request.target[interval] > .zero {
            let deviation = max(variances[interval], 0).squareRoot()
            let slope = z > 0 && deviation > 0 ? z / (2 * deviation) : 0
            var terms: [LinearModel.Term] = []
            for (index, pattern) in patterns.enumerated() where pattern.run.contains(interval) {
                let resource = resources[pattern.resource]
                let sure = pattern.mean(resource, at: interval) - slope * pattern.variance(resource, at: interval)
                terms.append(.init(sure / 1_000, columns[index]))
            }
            let target = request.target[interval].value
            if let shortfall { terms.append(.init(target / 1_000, shortfall)) }
            let needed = target + extra[interval] + (slope > 0 ? z * deviation / 2 : 0)
            try model.addRow("delivery \(interval)", terms, lower: needed / 1_000)
        }
        return model
    }

    /// The selection that a solution's values mean.
    func selection(_ solution: Solution) -> [DispatchPattern] {
        patterns.indices.filter { solution.values[$0] > 0.5 }.map { patterns[$0] }
    }

    /// The places of each resource's patterns, in order.
    private static func grouped(_ patterns: [DispatchPattern]) -> [(resource: Int, places: [Int])] {
        Dictionary(grouping: patterns.indices) { patterns[$0].resource }
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
