/// The end of a series as a forecast sees it.
///
/// Future values follow from the predicted state of each column and, for their variances, from going on with the
/// Chandrasekhar recursion: each future innovation has its own variance and its own gain.
struct ForecastOrigin: Sendable {
    let model: ARMAModel
    let differencing: Differencing
    /// Predicted state and last values: of the series without regression and gaps first, then of each gap column.
    let tracks: [(state: [Double], history: [Double])]
    /// Factored Gram matrix whose leading block belongs to the gaps.
    let equations: NormalEquations
    let gain: [Double]
    let direction: [Double]
    let outcome: InnovationFilter.Outcome
    /// Units of the series per unit of the tracks.
    let scale: Double
    /// Steps between the last known value and the end of the series.
    let delay: Int
    /// Index of the first step after the series, counted from 1.
    let nextIndex: Int

    /// Means of the stochastic part, from the last known value on.
    func means(steps: Int) -> [Double] {
        track(0, steps: steps).map { $0 * scale }
    }

    /// Variances relative to that of the innovations, from the last known value on.
    func relativeVariances(steps: Int) -> [Double] {
        var result = innovationVariances(steps: steps)
        let gaps = (1..<max(tracks.count, 1)).map { track($0, steps: steps) }
        guard !gaps.isEmpty else { return result }
        for step in 0..<steps {
            var right = [Double](repeating: 0, count: equations.size)
            for (index, gap) in gaps.enumerated() { right[index] = gap[step] }
            let solved = equations.forward(right)
            for index in gaps.indices { result[step] += solved[index] * solved[index] }
        }
        return result
    }

    /// What follows if all future innovations are zero.
    private func track(_ index: Int, steps: Int) -> [Double] {
        let (state, history) = tracks[index]
        return differencing.integrate(response(state, steps: steps), after: history)
    }

    /// The process that starts from a state, innovations zero.
    private func response(_ state: [Double], steps: Int) -> [Double] {
        var values = [Double](repeating: 0, count: steps)
        let (lags, weights) = (model.sparsePhi.lags, model.sparsePhi.values)
        for i in 0..<steps {
            var sum = i < state.count ? state[i] : 0
            var j = 0
            while j < lags.count, lags[j] <= i {
                sum += weights[j] * values[i - lags[j]]
                j += 1
            }
            values[i] = sum
        }
        return values
    }

    private func innovationVariances(steps: Int) -> [Double] {
        var result = [Double](repeating: 0, count: steps)
        forEachInnovation(steps: steps) { first, variance, weights in
            for step in first..<steps {
                let weight = weights[step - first]
                result[step] += variance * weight * weight
            }
        }
        return result
    }

    /// Adds one draw of the future to the means: innovations, and the uncertainty of the gaps.
    func draw(onto means: [Double], deviation: Double, using random: inout some RandomNumberGenerator) -> [Double] {
        var path = means
        forEachInnovation(steps: means.count) { first, variance, weights in
            let shock = deviation * variance.squareRoot() * NormalDistribution.draw(using: &random)
            for step in first..<path.count { path[step] += shock * weights[step - first] }
        }
        guard tracks.count > 1 else { return path }
        let noise = (0..<equations.size).map { index in
            index < tracks.count - 1 ? deviation * NormalDistribution.draw(using: &random) : 0
        }
        // The same factor as for the variances: a step moves by the scalar product of L^-1 g with standard normals.
        let gaps = (1..<tracks.count).map { track($0, steps: means.count) }
        for step in means.indices {
            var right = [Double](repeating: 0, count: equations.size)
            for (index, gap) in gaps.enumerated() { right[index] = gap[step] }
            for (solved, value) in zip(equations.forward(right).prefix(gaps.count), noise) {
                path[step] += solved * value
            }
        }
        return path
    }

    /// Calls with each future innovation's step, relative variance, and weights on this and the following steps.
    private func forEachInnovation(
        steps: Int, _ body: (_ first: Int, _ variance: Double, _ weights: [Double]) -> Void
    ) {
        var (gain, direction, state) = (self.gain, self.direction, outcome)
        state.variance = max(state.variance, 1)
        var weights: [Double] = []
        var isSettled = false
        for first in 0..<steps {
            if !isSettled {
                let step = gain.map { $0 / state.variance }
                let start = [Double](repeating: 0, count: differencing.lost)
                let following = response(step, steps: max(steps - first - 1, 0))
                weights = differencing.integrate([1] + following, after: start)
                let size = direction.reduce(0) { max($0, $1.magnitude) }
                isSettled =
                    size * size * state.increment.magnitude < 1e-13 && (state.variance - 1).magnitude < 1e-9
            }
            body(first, state.variance, weights)
            if !isSettled { advance(&gain, &direction, &state) }
        }
    }

    private func advance(
        _ gain: inout [Double], _ direction: inout [Double], _ state: inout InnovationFilter.Outcome
    ) {
        let first = direction[0]
        let weight = state.increment * first
        let next = max(state.variance + first * weight, 1)
        state.increment += weight * weight / state.variance
        state.variance = next
        for i in gain.indices {
            let phi = i < model.phi.count ? model.phi[i] : 0
            let moved = (i + 1 < direction.count ? direction[i + 1] : 0) + phi * first
            gain[i] += moved * weight
            direction[i] = moved - gain[i] * first / next
        }
    }
}
