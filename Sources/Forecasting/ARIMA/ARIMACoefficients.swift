/// The ARMA coefficients of a model, factor by factor, with the signs of ``ARIMAOrder``.
public struct ARIMACoefficients: Sendable, Hashable, Codable {
    /// phi 1...p.
    public var autoregressive: [Double]
    /// theta 1...q.
    public var movingAverage: [Double]
    /// Per seasonal factor, Phi 1...P.
    public var seasonalAutoregressive: [[Double]]
    /// Per seasonal factor, Theta 1...Q.
    public var seasonalMovingAverage: [[Double]]

    /// Collects the coefficients; the outer arrays follow the seasonal factors of the order.
    public init(
        autoregressive: [Double] = [], movingAverage: [Double] = [], seasonalAutoregressive: [[Double]] = [],
        seasonalMovingAverage: [[Double]] = []
    ) {
        self.autoregressive = autoregressive
        self.movingAverage = movingAverage
        self.seasonalAutoregressive = seasonalAutoregressive
        self.seasonalMovingAverage = seasonalMovingAverage
    }

    /// True if the numbers of coefficients are those of the order and all are finite.
    func matches(_ order: ARIMAOrder) -> Bool {
        let all =
            autoregressive + movingAverage + seasonalAutoregressive.flatMap(\.self)
            + seasonalMovingAverage.flatMap(\.self)
        return autoregressive.count == order.autoregressive && movingAverage.count == order.movingAverage
            && seasonalAutoregressive.map(\.count) == order.seasonal.map(\.autoregressive)
            && seasonalMovingAverage.map(\.count) == order.seasonal.map(\.movingAverage)
            && all.allSatisfy(\.isFinite)
    }
}

extension ARIMACoefficients {
    /// Largest partial autocorrelation of the search: nearer to 1 the stationary variance drowns the innovations in
    /// rounding.
    static let limit = 0.999_99

    /// Maps any real vector to a stationary, invertible model: tanh gives partial autocorrelations, Durbin-Levinson
    /// turns them into coefficients (Jones 1980, Monahan 1984). The vector holds phi, theta, then Phi, Theta per factor.
    init(unconstrained vector: [Double], order: ARIMAOrder) {
        var position = 0
        func take(_ count: Int, sign: Double) -> [Double] {
            defer { position += count }
            let partial = vector[position..<(position + count)].map { Self.limit * Elementary.tanh($0) }
            return PartialAutocorrelation.coefficients(partial).map { sign * $0 }
        }
        autoregressive = take(order.autoregressive, sign: 1)
        movingAverage = take(order.movingAverage, sign: -1)
        seasonalAutoregressive = []
        seasonalMovingAverage = []
        for factor in order.seasonal {
            seasonalAutoregressive.append(take(factor.autoregressive, sign: 1))
            seasonalMovingAverage.append(take(factor.movingAverage, sign: -1))
        }
    }

    /// The inverse of ``init(unconstrained:order:)``; nil if a factor is not stationary or not invertible.
    func unconstrained() -> [Double]? {
        var blocks = [autoregressive, movingAverage.map { -$0 }]
        for index in seasonalAutoregressive.indices {
            blocks.append(seasonalAutoregressive[index])
            blocks.append(seasonalMovingAverage[index].map { -$0 })
        }
        var vector: [Double] = []
        for block in blocks {
            guard let partial = PartialAutocorrelation.partials(block) else { return nil }
            vector += partial.map { Elementary.atanh(min(max($0 / Self.limit, -0.999_999), 0.999_999)) }
        }
        return vector
    }
}
