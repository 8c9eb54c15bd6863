/// Minimises the conditional sum of squares by damped Gauss-Newton steps (Levenberg and Marquardt).
struct ConditionalSearch {
    let order: ARIMAOrder
    /// Most likelihoods.
    var maximumCalls: Int
    /// Gain of log likelihood below which the search ends.
    var tolerance = 1e-3

    /// One point with everything that a step from it needs.
    private struct Place {
        var point: [Double]
        var logLikelihood: Double
        var innovations: [Double]
    }

    /// Searches from a point; the value is minus the log likelihood, infinite where there is none.
    func minimise(_ start: [Double], _ likelihood: inout ProfiledLikelihood) -> QuasiNewton.Result {
        guard var place = evaluate(start, &likelihood) else {
            return QuasiNewton.Result(point: start, value: .infinity, hasConverged: false)
        }
        var calls = 1
        var damping = 1e-3
        while calls < maximumCalls {
            let gradient = InnovationGradient(place.innovations, at: place.point, order: order)
            var gain: Double?
            while gain == nil, calls < maximumCalls, damping < 1e9 {
                let step = Self.step(gradient, damping: damping)
                let trial = zip(place.point, step).map { $0 + $1 }
                calls += 1
                if let next = evaluate(trial, &likelihood), next.logLikelihood > place.logLikelihood {
                    gain = next.logLikelihood - place.logLikelihood
                    place = next
                    damping = max(damping * 0.1, 1e-9)
                } else {
                    if step.allSatisfy({ $0.magnitude < 1e-6 }) { break }
                    damping *= 10
                }
            }
            guard let gain, gain > tolerance else {
                return QuasiNewton.Result(
                    point: place.point, value: -place.logLikelihood, hasConverged: calls < maximumCalls)
            }
        }
        return QuasiNewton.Result(point: place.point, value: -place.logLikelihood, hasConverged: false)
    }

    /// The inverse Hessian of minus the log likelihood near a point, by Gauss and Newton, row by row; empty where there
    /// is none. A search of the exact likelihood starts with it and saves most of its calls.
    func metric(at point: [Double], _ likelihood: inout ProfiledLikelihood) -> [Double] {
        guard let place = evaluate(point, &likelihood) else { return [] }
        let count = point.count
        let gradient = InnovationGradient(place.innovations, at: point, order: order)
        let squares = place.innovations.reduce(0) { $0 + $1 * $1 }
        var matrix = gradient.curvature.map { $0 * Double(likelihood.effectiveCount) / squares }
        // A direction that says little must not become a long step.
        for i in 0..<count { matrix[i * count + i] = matrix[i * count + i] * 1.001 + 0.1 }
        let equations = NormalEquations(gram: matrix, size: count)
        guard equations.isIndependent.allSatisfy(\.self) else { return [] }
        return (0..<count).flatMap { row in
            var unit = [Double](repeating: 0, count: count)
            unit[row] = 1
            return equations.solve(unit)
        }
    }

    private func evaluate(_ point: [Double], _ likelihood: inout ProfiledLikelihood) -> Place? {
        let model = ARMAModel(ARIMACoefficients(unconstrained: point, order: order), order: order)
        guard let value = likelihood.evaluate(model, start: .conditional), value.logLikelihood.isFinite else {
            return nil
        }
        return Place(
            point: point, logLikelihood: value.logLikelihood,
            innovations: likelihood.residuals(value.solution))
    }

    /// The damped step, no component longer than 2: further out tanh is flat.
    private static func step(_ gradient: InnovationGradient, damping: Double) -> [Double] {
        let count = gradient.slope.count
        var matrix = gradient.curvature
        for i in 0..<count { matrix[i * count + i] *= 1 + damping }
        let step = NormalEquations(gram: matrix, size: count).solve(gradient.slope.map { -$0 })
        let longest = step.reduce(0) { max($0, $1.magnitude) }
        return longest > 2 ? step.map { $0 * 2 / longest } : step
    }
}
