/// The search for the maximum of the likelihood from several deterministic starts.
struct ARIMASearch {
    let order: ARIMAOrder
    let options: ARIMA.Options

    /// Runs the search; throws if no start has a likelihood.
    func run(
        _ likelihood: inout ProfiledLikelihood
    ) throws(ARIMAError) -> (coefficients: ARIMACoefficients, hasConverged: Bool) {
        guard order.coefficientCount > 0 else {
            let empty = ARIMACoefficients(unconstrained: [], order: order)
            guard likelihood.evaluate(ARMAModel(empty, order: order)) != nil else { throw .noVariation }
            return (empty, true)
        }
        var ranked: [(point: [Double], value: Double)] = []
        for point in startingPoints {
            let value = objective(point, &likelihood)
            if value.isFinite { ranked.append((point, value)) }
        }
        guard !ranked.isEmpty else { throw .noVariation }
        ranked.sort { $0.value < $1.value }
        var best: QuasiNewton.Result?
        for start in ranked.prefix(max(options.starts, 1)) {
            let found = climb(from: start.point, &likelihood)
            if found.value < best?.value ?? .infinity { best = found }
        }
        guard let best else { throw .noVariation }
        return (ARIMACoefficients(unconstrained: best.point, order: order), best.hasConverged)
    }

    private func climb(from start: [Double], _ likelihood: inout ProfiledLikelihood) -> QuasiNewton.Result {
        let calls = max(options.callsPerStart, 1)
        if options.criterion == .conditional {
            return ConditionalSearch(order: order, maximumCalls: calls).minimise(start, &likelihood)
        }
        var search = QuasiNewton(maximumCalls: calls)
        if options.starts == 1 {
            // Several starts are there to reach different maxima: each goes its own way, without a guide.
            search.metric = ConditionalSearch(order: order, maximumCalls: 1).metric(at: start, &likelihood)
            if options.warmStart != nil {
                // From near the maximum forward differences come within 1e-4 of it.
                search.tolerance = 1e-5
                search.polishes = false
            }
        }
        return search.minimise(start) { objective($0, &likelihood) }
    }

    /// Minus the log likelihood; infinite where there is none.
    private func objective(_ point: [Double], _ likelihood: inout ProfiledLikelihood) -> Double {
        let model = ARMAModel(ARIMACoefficients(unconstrained: point, order: order), order: order)
        let start: InnovationFilter.Start = options.criterion == .conditional ? .conditional : .exact
        guard let value = likelihood.evaluate(model, start: start) else { return .infinity }
        return -value.logLikelihood
    }

    /// The earlier fit, if there is one, and fixed points that have led to different maxima.
    private var startingPoints: [[Double]] {
        var warm: [[Double]] = []
        if let known = options.warmStart, known.matches(order), let point = known.unconstrained() { warm = [point] }
        if !warm.isEmpty, options.starts == 1 { return warm }
        return warm + [
            typical(ar: [0.1], ma: [0.1], seasonal: 0.1),
            typical(ar: [0.8], ma: [0], seasonal: -0.6),
            typical(ar: [0.5], ma: [-0.7], seasonal: -0.4),
            // A root of each side close to 1: slow drifts under strong noise.
            typical(ar: [0.9], ma: [-0.95, 0.8], seasonal: -0.6),
        ]
    }

    /// The same leading partial autocorrelations in every block of a kind, small ones after them.
    private func typical(ar: [Double], ma: [Double], seasonal: Double) -> [Double] {
        func block(_ count: Int, _ leading: [Double]) -> [Double] {
            (0..<count).map { Elementary.atanh($0 < leading.count ? leading[$0] : 0.1 * (leading.first ?? 0)) }
        }
        var point = block(order.autoregressive, ar) + block(order.movingAverage, ma.map { -$0 })
        for factor in order.seasonal {
            point += block(factor.autoregressive, [0.2]) + block(factor.movingAverage, [-seasonal])
        }
        return point
    }
}
