/// The seasonal factor of an ARIMA model: (P, D, Q) at lag `period`.
public struct SeasonalOrder: Sendable, Hashable, Codable {
    /// Number of seasonal autoregressive coefficients, P.
    public var autoregressive: Int
    /// Number of seasonal differences, D.
    public var differences: Int
    /// Number of seasonal moving-average coefficients, Q.
    public var movingAverage: Int
    /// Steps per season, at least 2.
    public var period: Int

    /// Writes (P, D, Q)s.
    public init(_ autoregressive: Int, _ differences: Int, _ movingAverage: Int, period: Int) {
        self.autoregressive = autoregressive
        self.differences = differences
        self.movingAverage = movingAverage
        self.period = period
    }
}

/// The deterministic term of an ARIMA model beside its regressors.
public enum ConstantTerm: String, Sendable, Hashable, Codable {
    /// A slope: the coefficient of t = 1, 2, ... n.
    case drift
    /// The mean of the process; it vanishes in a differenced model.
    case mean
    /// No deterministic term.
    case none
}

/// The order of a model: (p, d, q) with any number of seasonal factors, which multiply.
///
/// Signs as in R: `y[t] = phi y[t-1] + ... + e[t] + theta e[t-1] + ...`.
public struct ARIMAOrder: Sendable, Hashable, Codable {
    /// Number of autoregressive coefficients, p.
    public var autoregressive: Int
    /// Number of differences, d.
    public var differences: Int
    /// Number of moving-average coefficients, q.
    public var movingAverage: Int
    /// Seasonal factors, for example one of a day and one of a week.
    public var seasonal: [SeasonalOrder]
    /// Deterministic term.
    public var constant: ConstantTerm

    /// Writes (p, d, q)(P, D, Q)s...
    public init(
        _ autoregressive: Int, _ differences: Int, _ movingAverage: Int, seasonal: [SeasonalOrder] = [],
        constant: ConstantTerm = .none
    ) {
        self.autoregressive = autoregressive
        self.differences = differences
        self.movingAverage = movingAverage
        self.seasonal = seasonal
        self.constant = constant
    }

    /// Values that differencing consumes: d + sum of period x D.
    public var lostValues: Int { seasonal.reduce(differences) { $0 + $1.period * $1.differences } }

    /// Number of ARMA coefficients.
    public var coefficientCount: Int {
        seasonal.reduce(autoregressive + movingAverage) { $0 + $1.autoregressive + $1.movingAverage }
    }

    /// Highest autoregressive lag after multiplying the factors.
    var autoregressiveDegree: Int { seasonal.reduce(autoregressive) { $0 + $1.period * $1.autoregressive } }

    /// Highest moving-average lag after multiplying the factors.
    var movingAverageDegree: Int { seasonal.reduce(movingAverage) { $0 + $1.period * $1.movingAverage } }

    /// True for orders that ``ARIMA`` accepts: counts from 0 to 24, seasonal 0 to 4, at most 3 differences of each
    /// kind, periods 2 to 4,096, and a state of at most 8,192 values.
    public var isSupported: Bool {
        let counts = 0...24
        let differenced = 0...3
        guard counts.contains(autoregressive), counts.contains(movingAverage), differenced.contains(differences),
            seasonal.count <= 3
        else { return false }
        for factor in seasonal {
            guard (0...4).contains(factor.autoregressive), (0...4).contains(factor.movingAverage),
                differenced.contains(factor.differences), (2...4096).contains(factor.period)
            else { return false }
        }
        return max(autoregressiveDegree, movingAverageDegree, lostValues) <= 8192
    }
}

extension ARIMAOrder: CustomStringConvertible {
    /// For example `(2,0,1)(0,1,1)24 + drift`.
    public var description: String {
        var text = "(\(autoregressive),\(differences),\(movingAverage))"
        for factor in seasonal {
            text += "(\(factor.autoregressive),\(factor.differences),\(factor.movingAverage))\(factor.period)"
        }
        return constant == .none ? text : text + " + \(constant)"
    }
}
