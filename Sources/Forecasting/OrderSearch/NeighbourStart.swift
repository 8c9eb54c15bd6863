extension ARIMACoefficients {
    /// A starting point for a neighbouring order: the same partial autocorrelations, cut or with small ones after them.
    ///
    /// Nil if a factor is not stationary or not invertible.
    func start(for order: ARIMAOrder) -> ARIMACoefficients? {
        // Not zero: a new pair of factors would cancel, and the search would stand on a saddle.
        let small = 0.1
        func adapt(_ block: [Double], _ count: Int, filler: Double) -> [Double]? {
            guard let partials = PartialAutocorrelation.partials(block) else { return nil }
            let missing = [Double](repeating: filler, count: max(count - partials.count, 0))
            return PartialAutocorrelation.coefficients(partials.prefix(count) + missing)
        }
        func pair(_ ar: [Double], _ ma: [Double], _ p: Int, _ q: Int) -> ([Double], [Double])? {
            guard let left = adapt(ar, p, filler: small), let right = adapt(ma.map { -$0 }, q, filler: -small) else {
                return nil
            }
            return (left, right.map { -$0 })
        }
        guard let plain = pair(autoregressive, movingAverage, order.autoregressive, order.movingAverage) else {
            return nil
        }
        var result = ARIMACoefficients(autoregressive: plain.0, movingAverage: plain.1)
        for (index, factor) in order.seasonal.enumerated() {
            guard
                let seasonal = pair(
                    seasonalAutoregressive[index], seasonalMovingAverage[index], factor.autoregressive,
                    factor.movingAverage)
            else { return nil }
            result.seasonalAutoregressive.append(seasonal.0)
            result.seasonalMovingAverage.append(seasonal.1)
        }
        return result
    }
}
