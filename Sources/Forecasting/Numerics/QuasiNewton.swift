/// Minimisation by BFGS with numerical gradients and a hard limit on calls: a bounded time for every fit.
struct QuasiNewton {
    /// The best point found.
    struct Result {
        /// Where the minimum was found.
        var point: [Double]
        /// The value there.
        var value: Double
        /// False if the limit of calls ended the search.
        var hasConverged: Bool
    }

    /// Most calls of the function.
    var maximumCalls: Int
    /// Expected gain below which the search ends.
    var tolerance = 1e-7
    /// Inverse Hessian near the start, row by row, if it is known.
    var metric: [Double] = []
    /// Ends with central differences; without, the minimum is a little coarser and half as dear.
    var polishes = true

    /// Minimises a function of a vector; a value that is not finite counts as a wall.
    func minimise(_ start: [Double], _ function: (_ point: [Double]) -> Double) -> Result {
        var search = Search(
            point: start, value: function(start), calls: 1, initialMetric: metric, metric: metric)
        guard search.value.isFinite, !start.isEmpty else {
            return Result(point: start, value: search.value, hasConverged: start.isEmpty)
        }
        search.gradient = search.slope(at: search.point, search.value, central: false, function)
        var central = false
        while search.calls < maximumCalls {
            let gain = search.step(central: central, function)
            if gain > tolerance { continue }
            if central || !polishes { return Result(point: search.point, value: search.value, hasConverged: true) }
            // Little to gain by forward differences: once more with central ones from a fresh metric.
            central = true
            search.resetMetric()
            search.gradient = search.slope(at: search.point, search.value, central: true, function)
        }
        return Result(point: search.point, value: search.value, hasConverged: false)
    }
}

extension QuasiNewton {
    /// The moving parts of one search.
    private struct Search {
        var point: [Double]
        var value: Double
        var calls: Int
        let initialMetric: [Double]
        var gradient: [Double] = []
        /// Inverse Hessian, row by row; empty before the first step if nothing is known.
        var metric: [Double]

        mutating func resetMetric() { metric = initialMetric }

        /// Numerical gradient.
        mutating func slope(
            at point: [Double], _ value: Double, central: Bool, _ function: (_ point: [Double]) -> Double
        ) -> [Double] {
            var trial = point
            var result = point
            for index in point.indices {
                let width = (central ? 1e-4 : 1e-6) * max(1, point[index].magnitude)
                trial[index] = point[index] + width
                let above = function(trial)
                trial[index] = point[index] - width
                let below = central || !above.isFinite ? function(trial) : .nan
                calls += central || !above.isFinite ? 2 : 1
                trial[index] = point[index]
                switch (above.isFinite, below.isFinite) {
                case (true, true): result[index] = (above - below) / (2 * width)
                case (true, false): result[index] = (above - value) / width
                case (false, true): result[index] = (value - below) / width
                case (false, false): result[index] = 0
                }
            }
            return result
        }

        /// One line search along the quasi-Newton direction; returns how much the value fell.
        mutating func step(central: Bool, _ function: (_ point: [Double]) -> Double) -> Double {
            var direction = descent()
            var slope = Self.dot(direction, gradient)
            if slope >= 0 {
                resetMetric()
                direction = descent()
                slope = Self.dot(direction, gradient)
            }
            let longest = direction.reduce(0) { max($0, $1.magnitude) }
            var length = longest > 2 ? 2 / longest : 1
            for _ in 0..<24 {
                let trial = zip(point, direction).map { $0 + length * $1 }
                let reached = function(trial)
                calls += 1
                if reached.isFinite, reached <= value + 1e-4 * length * slope {
                    let gain = value - reached
                    let next = self.slope(at: trial, reached, central: central, function)
                    update(from: trial, next)
                    (point, value, gradient) = (trial, reached, next)
                    return gain
                }
                if -length * slope < 1e-10 { break }
                // The minimum of the parabola through what is known, kept inside the interval.
                let parabola = -slope * length * length / (2 * (reached - value - slope * length))
                let inside = parabola.isFinite ? min(max(parabola, 0.1 * length), 0.5 * length) : 0.2 * length
                length = inside
            }
            return 0
        }

        private func descent() -> [Double] {
            let count = point.count
            guard !metric.isEmpty else {
                let steepest = gradient.reduce(0) { max($0, $1.magnitude) }
                let scale = steepest > 0 ? min(1, 0.3 / steepest) : 1
                return gradient.map { -scale * $0 }
            }
            return (0..<count).map { i in
                var sum = 0.0
                for j in 0..<count { sum -= metric[i * count + j] * gradient[j] }
                return sum
            }
        }

        /// The BFGS update of the inverse Hessian; skipped where the curvature is not positive.
        private mutating func update(from next: [Double], _ nextGradient: [Double]) {
            let count = point.count
            let moved = zip(next, point).map { $0 - $1 }
            let bent = zip(nextGradient, gradient).map { $0 - $1 }
            let curvature = Self.dot(moved, bent)
            guard curvature > 1e-12 * (Self.dot(moved, moved) * Self.dot(bent, bent)).squareRoot() else { return }
            if metric.isEmpty {
                metric = [Double](repeating: 0, count: count * count)
                let scale = curvature / Self.dot(bent, bent)
                for i in 0..<count { metric[i * count + i] = scale }
            }
            let image = (0..<count).map { i in
                (0..<count).reduce(0) { $0 + metric[i * count + $1] * bent[$1] }
            }
            let factor = (1 + Self.dot(bent, image) / curvature) / curvature
            for i in 0..<count {
                for j in 0..<count {
                    metric[i * count + j] +=
                        factor * moved[i] * moved[j] - (image[i] * moved[j] + moved[i] * image[j]) / curvature
                }
            }
        }

        private static func dot(_ left: [Double], _ right: [Double]) -> Double {
            var sum = 0.0
            for index in left.indices { sum += left[index] * right[index] }
            return sum
        }
    }
}
