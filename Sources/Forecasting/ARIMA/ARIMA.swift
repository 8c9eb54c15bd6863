/// Seasonal ARIMA models with regressors, by exact maximum likelihood.
///
/// The series is differenced first (no diffuse prior), then filtered by Chandrasekhar's recursions; innovation
/// variance, regression and missing values are profiled or integrated out, so that the search runs over the ARMA
/// coefficients alone, kept stationary and invertible by their partial autocorrelations.
public enum ARIMA {
    /// What the search maximises; the results are always those of the exact likelihood at the point found.
    public enum Criterion: Sendable, Hashable {
        /// Zeros before the series and filled gaps: a few operations per value for any season, close to the maximum
        /// for a series of many seasons.
        case conditional
        /// The exact likelihood.
        case exact
        /// The exact likelihood of the series with its gaps filled.
        case exactOfFilled
    }

    /// Limits of the search.
    public struct Options: Sendable, Hashable {
        /// Most likelihood evaluations per start.
        public var callsPerStart: Int
        /// What is maximised.
        public var criterion: Criterion
        /// Most starts that are followed to the end, at least 1.
        public var starts: Int
        /// Coefficients of an earlier fit to start from, before any other.
        public var warmStart: ARIMACoefficients?

        /// Sets the limits.
        public init(
            callsPerStart: Int = 600, starts: Int = 3, criterion: Criterion = .exact,
            warmStart: ARIMACoefficients? = nil
        ) {
            self.callsPerStart = callsPerStart
            self.criterion = criterion
            self.starts = starts
            self.warmStart = warmStart
        }
    }

    /// Fits a model.
    ///
    /// - Parameters:
    ///   - series: values at equal steps; NaN is a missing value, integrated out exactly.
    ///   - order: order, seasons and constant term.
    ///   - regressors: columns at least as long as the series, all finite.
    ///   - options: limits of the search.
    public static func fit(
        _ series: [Double], order: ARIMAOrder, regressors: [[Double]] = [], options: Options = Options()
    ) throws(ARIMAError) -> ARIMAFit {
        let sample = try PreparedSample(series, order: order, regressors: regressors)
        var likelihood = try ProfiledLikelihood(sample, order: order)
        let search = ARIMASearch(order: order, options: options)
        let best: (coefficients: ARIMACoefficients, hasConverged: Bool)
        if options.criterion == .exact || sample.gaps.isEmpty {
            best = try search.run(&likelihood)
        } else {
            var filled = try ProfiledLikelihood(sample, order: order, integratesGaps: false)
            best = try search.run(&filled)
            likelihood.add(calls: filled.calls)
        }
        return try finish(sample, order, &likelihood, best.coefficients, hasConverged: best.hasConverged)
    }

    /// The likelihood, residuals and forecasts at given coefficients, without a search.
    public static func evaluate(
        _ series: [Double], order: ARIMAOrder, regressors: [[Double]] = [], at coefficients: ARIMACoefficients
    ) throws(ARIMAError) -> ARIMAFit {
        let sample = try PreparedSample(series, order: order, regressors: regressors)
        guard coefficients.matches(order) else { throw .coefficientsOutOfRange }
        var likelihood = try ProfiledLikelihood(sample, order: order)
        return try finish(sample, order, &likelihood, coefficients, hasConverged: true)
    }

    private static func finish(
        _ sample: PreparedSample, _ order: ARIMAOrder, _ likelihood: inout ProfiledLikelihood,
        _ coefficients: ARIMACoefficients, hasConverged: Bool
    ) throws(ARIMAError) -> ARIMAFit {
        let model = ARMAModel(coefficients, order: order)
        guard let value = likelihood.evaluate(model) else { throw .coefficientsOutOfRange }
        let calls = likelihood.calls
        // Once more to the last row, for the state there.
        let outcome = likelihood.filter.run(model, start: .exactThroughout)
        guard let outcome else { throw .coefficientsOutOfRange }
        let gapCount = likelihood.gapCount
        let slopes = zip(value.solution, likelihood.columnScales).dropFirst(gapCount).map { $0 * $1 * sample.scale }
        let origin = ForecastOrigin(
            sample, order, model, likelihood, outcome, value.solution, slopes.map { $0 / sample.scale })
        let isEstimated = likelihood.equations.isIndependent.dropFirst(gapCount)
        let hasConstant = order.constant != .none
        let constant = hasConstant && isEstimated.first == true ? slopes.first : nil
        let missing = zip(sample.gaps, value.solution).prefix(gapCount).map {
            (sample.values[$0] - $1) * sample.scale
        }
        var residuals = [Double](repeating: .nan, count: sample.leading + order.lostValues)
        residuals += likelihood.residuals(value.solution)
        residuals += [Double](repeating: .nan, count: sample.trailing)
        for gap in sample.gaps { residuals[gap + sample.leading] = .nan }
        return ARIMAFit(
            order: order, coefficients: coefficients, constant: constant,
            regression: Array(slopes.dropFirst(hasConstant ? 1 : 0)), variance: value.variance,
            logLikelihood: value.logLikelihood, effectiveCount: likelihood.effectiveCount,
            parameterCount: order.coefficientCount + isEstimated.count(where: \.self) + 1, residuals: residuals,
            missingValues: missing,
            calls: calls, hasConverged: hasConverged, isExact: sample.isExact, origin: origin)
    }
}

extension ForecastOrigin {
    /// Collects the end of a sample; `slopes` are the regression coefficients in scaled units.
    fileprivate init(
        _ sample: PreparedSample, _ order: ARIMAOrder, _ model: ARMAModel, _ likelihood: ProfiledLikelihood,
        _ outcome: InnovationFilter.Outcome, _ solution: [Double], _ slopes: [Double]
    ) {
        self.model = model
        differencing = Differencing(order)
        let (filter, length) = (likelihood.filter, model.stateLength)
        let lost = differencing.lost
        var state = (0..<length).map { filter.state(column: 0, $0) }
        for (index, coefficient) in solution.enumerated() where coefficient != 0 {
            for i in 0..<length { state[i] -= coefficient * filter.state(column: index + 1, i) }
        }
        let tail = max(sample.values.count - lost, 0)..<sample.values.count
        var history = Array(sample.values[tail])
        for (slope, column) in zip(slopes, sample.regressors) {
            for (place, row) in tail.enumerated() { history[place] -= slope * column[row] }
        }
        var tracks = [(state, history)]
        for (index, column) in sample.gapColumns.enumerated() {
            for (place, row) in tail.enumerated() { tracks[0].1[place] -= solution[index] * column[row] }
            tracks.append(((0..<length).map { filter.state(column: index + 1, $0) }, Array(column[tail])))
        }
        self.tracks = tracks
        equations = likelihood.equations
        gain = (0..<length).map(filter.gain)
        direction = (0..<length).map(filter.direction)
        self.outcome = outcome
        scale = sample.scale
        delay = sample.trailing
        nextIndex = sample.leading + sample.values.count + sample.trailing + 1
    }
}
