extension ARIMAFit {
    /// Forecasts the steps after the series; regression coefficients count as known.
    ///
    /// - Parameters:
    ///   - steps: number of steps, from 0.
    ///   - futureRegressors: as many columns as at the fit, each with the values of the future steps.
    public func forecast(steps: Int, futureRegressors: [[Double]] = []) throws(ARIMAError) -> Forecast {
        try check(futureRegressors, steps: max(steps, 0))
        let total = origin.delay + max(steps, 0)
        let mean = deterministic(origin.means(steps: total), futureRegressors)
        let spread = origin.relativeVariances(steps: total).dropFirst(origin.delay)
        return Forecast(mean: mean, standardError: spread.map { ($0 * variance).squareRoot() })
    }

    /// Draws joint paths of the steps after the series.
    ///
    /// - Parameters:
    ///   - count: number of paths.
    ///   - steps: steps of each.
    ///   - futureRegressors: as for ``forecast(steps:futureRegressors:)``.
    ///   - random: where chance comes from; the same generator gives the same paths.
    public func paths(
        _ count: Int, steps: Int, futureRegressors: [[Double]] = [], using random: inout some RandomNumberGenerator
    ) throws(ARIMAError) -> [[Double]] {
        try check(futureRegressors, steps: max(steps, 0))
        let means = origin.means(steps: origin.delay + max(steps, 0))
        return (0..<max(count, 0)).map { _ in
            let drawn = origin.draw(onto: means, deviation: variance.squareRoot(), using: &random)
            return deterministic(drawn, futureRegressors)
        }
    }

    private func check(_ futureRegressors: [[Double]], steps: Int) throws(ARIMAError) {
        guard futureRegressors.count == regression.count else {
            throw .regressorNotUsable(column: min(futureRegressors.count, regression.count))
        }
        for (column, values) in futureRegressors.enumerated()
        where values.count < steps || !values.prefix(steps).allSatisfy(\.isFinite) {
            throw .regressorNotUsable(column: column)
        }
    }

    /// Drops the steps before the end of the series and adds constant and regressors.
    private func deterministic(_ stochastic: [Double], _ futureRegressors: [[Double]]) -> [Double] {
        var values = Array(stochastic.dropFirst(origin.delay))
        for step in values.indices {
            switch order.constant {
            case .drift: values[step] += (constant ?? 0) * Double(origin.nextIndex + step)
            case .mean: values[step] += constant ?? 0
            case .none: break
            }
            for (coefficient, column) in zip(regression, futureRegressors) {
                values[step] += coefficient * column[step]
            }
        }
        return values
    }
}
