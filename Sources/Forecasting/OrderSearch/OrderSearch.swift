/// Chooses the order of a seasonal ARIMA model step by step (Hyndman and Khandakar 2008).
///
/// Differences come from tests, the rest from the smallest AICc of exact likelihoods. A long series is searched with
/// the conditional criterion; its best models are fitted again exactly.
public struct OrderSearch: Sendable {
    /// Steps per season; 1 for none.
    public var period: Int
    /// Largest p and q.
    public var maximumOrder: Int
    /// Largest P and Q.
    public var maximumSeasonalOrder: Int
    /// Most models fitted.
    public var maximumModels: Int
    /// d, if it is not to be tested.
    public var differences: Int?
    /// D, if it is not to be tested.
    public var seasonalDifferences: Int?

    /// A model and its criterion.
    public struct Entry: Sendable, Hashable {
        /// The order.
        public var order: ARIMAOrder
        /// Its AICc; infinite if it could not be fitted or a root is too close to the unit circle.
        public var aicc: Double
    }

    /// The chosen model and what was tried.
    public struct Result: Sendable {
        /// The model, fitted exactly.
        public var fit: ARIMAFit
        /// All models tried, best first, with the criterion of the search.
        public var tried: [Entry]
    }

    /// Sets the limits.
    public init(
        period: Int, maximumOrder: Int = 5, maximumSeasonalOrder: Int = 2, maximumModels: Int = 94,
        differences: Int? = nil, seasonalDifferences: Int? = nil
    ) {
        self.period = period
        self.maximumOrder = maximumOrder
        self.maximumSeasonalOrder = maximumSeasonalOrder
        self.maximumModels = maximumModels
        self.differences = differences
        self.seasonalDifferences = seasonalDifferences
    }

    /// Searches; throws for a constant series or if not even white noise can be fitted.
    public func best(_ series: [Double], regressors: [[Double]] = []) throws(ARIMAError) -> Result {
        let known = series.filter { !$0.isNaN }
        if let first = known.first, known.allSatisfy({ $0 == first }) { throw .noVariation }
        let isSeasonal = period > 1 && series.count >= 2 * period + 4
        let D = isSeasonal ? seasonalDifferences ?? SeriesTests.seasonalDifferences(series, period: period) : 0
        let differenced = D == 0 ? series : zip(series.dropFirst(period), series).map { $0 - $1 }
        let d = differences ?? SeriesTests.differences(differenced)
        var walk = Walk(search: self, series: series, regressors: regressors, d: d, D: D, isSeasonal: isSeasonal)
        walk.run()
        return try walk.conclude()
    }
}

extension OrderSearch {
    /// One search under way.
    private struct Walk {
        let search: OrderSearch
        let series: [Double]
        let regressors: [[Double]]
        let d: Int
        let D: Int
        let isSeasonal: Bool
        var tried: [ARIMAOrder: Double] = [:]
        /// Coefficients of the search, where the final fits of a long series start.
        var coefficients: [ARIMAOrder: ARIMACoefficients] = [:]
        /// Coefficients of the best model so far, from which those of its neighbours are not far.
        var leader: ARIMACoefficients?
        /// Lowest criterion so far.
        var lowest = Double.infinity
        /// Orders in the sequence of their first fit: it settles ties.
        var sequence: [ARIMAOrder] = []

        private var isLong: Bool { series.count > 600 }

        private func order(_ p: Int, _ q: Int, _ P: Int, _ Q: Int, hasConstant: Bool) -> ARIMAOrder {
            let constant: ConstantTerm = !hasConstant || d + D > 1 ? .none : d + D == 1 ? .drift : .mean
            let seasonal = isSeasonal ? [SeasonalOrder(P, D, Q, period: search.period)] : []
            return ARIMAOrder(p, d, q, seasonal: seasonal, constant: constant)
        }

        mutating func run() {
            let seasonal = isSeasonal ? 1 : 0
            let white = order(0, 0, 0, 0, hasConstant: true)
            var best = (order: white, value: criterion(white))
            let starts = [
                order(2, 2, seasonal, seasonal, hasConstant: true), order(1, 0, seasonal, 0, hasConstant: true),
                order(0, 1, 0, seasonal, hasConstant: true), order(0, 0, 0, 0, hasConstant: false),
                order(1, 1, 0, seasonal, hasConstant: true),
            ]
            for start in starts where criterion(start) < best.value { best = (start, criterion(start)) }
            var hasMoved = true
            while hasMoved {
                hasMoved = false
                for neighbour in neighbours(best.order) {
                    guard tried.count < search.maximumModels else { return }
                    let value = criterion(neighbour)
                    guard value < best.value else { continue }
                    best = (neighbour, value)
                    hasMoved = true
                    break
                }
            }
        }

        /// One coefficient more or less, two of a pair, one exchanged for another, two more of a kind, the constant.
        private func neighbours(_ order: ARIMAOrder) -> [ARIMAOrder] {
            let moves = [
                (0, 0, -1, 0), (0, 0, 0, -1), (0, 0, 1, 0), (0, 0, 0, 1), (0, 0, -1, -1), (0, 0, -1, 1), (0, 0, 1, -1),
                (0, 0, 1, 1), (-1, 0, 0, 0), (0, -1, 0, 0), (1, 0, 0, 0), (0, 1, 0, 0), (-1, -1, 0, 0), (-1, 1, 0, 0),
                (1, -1, 0, 0), (1, 1, 0, 0), (0, 2, 0, 0), (2, 0, 0, 0),
            ]
            let (low, high) = (0, search.maximumOrder)
            let seasonalHigh = isSeasonal ? search.maximumSeasonalOrder : 0
            let (P, Q) = (order.seasonal.first?.autoregressive ?? 0, order.seasonal.first?.movingAverage ?? 0)
            var result: [ARIMAOrder] = []
            for move in moves {
                let next = (order.autoregressive + move.0, order.movingAverage + move.1, P + move.2, Q + move.3)
                guard (low...high).contains(next.0), (low...high).contains(next.1),
                    (0...seasonalHigh).contains(next.2), (0...seasonalHigh).contains(next.3)
                else { continue }
                result.append(
                    self.order(next.0, next.1, next.2, next.3, hasConstant: order.constant != .none))
            }
            if d + D <= 1 {
                result.append(
                    self.order(order.autoregressive, order.movingAverage, P, Q, hasConstant: order.constant == .none))
            }
            return result
        }

        private mutating func criterion(_ order: ARIMAOrder) -> Double {
            if let known = tried[order] { return known }
            let options = ARIMA.Options(
                callsPerStart: 300, starts: 1, criterion: isLong ? .conditional : .exact,
                warmStart: isLong ? leader.flatMap { $0.start(for: order) } : nil)
            let fit = try? ARIMA.fit(series, order: order, regressors: regressors, options: options)
            let isUsable = fit?.coefficients.isAdmissible() ?? false
            let value = isUsable ? fit?.aicc ?? .infinity : .infinity
            tried[order] = value
            if value < lowest { (lowest, leader) = (value, fit?.coefficients) }
            coefficients[order] = fit?.coefficients
            sequence.append(order)
            return value
        }

        /// Fits the leading models exactly and takes the best admissible one.
        func conclude() throws(ARIMAError) -> Result {
            let ranked = sequence.map { Entry(order: $0, aicc: tried[$0] ?? .infinity) }
                .enumerated().sorted { ($0.element.aicc, $0.offset) < ($1.element.aicc, $1.offset) }.map(\.element)
            var best: ARIMAFit?
            for entry in ranked.prefix(isLong ? 6 : 7) where entry.aicc.isFinite {
                let options =
                    isLong
                    ? ARIMA.Options(starts: 1, warmStart: coefficients[entry.order]) : ARIMA.Options(starts: 2)
                let fit = try? ARIMA.fit(series, order: entry.order, regressors: regressors, options: options)
                guard let fit, fit.coefficients.isAdmissible() else { continue }
                if fit.aicc < best?.aicc ?? .infinity { best = fit }
                // Exact fits of a long series are dear, and its ranking is sure.
                if isLong { break }
            }
            if let best { return Result(fit: best, tried: ranked) }
            let plain = order(0, 0, 0, 0, hasConstant: true)
            return Result(fit: try ARIMA.fit(series, order: plain, regressors: regressors), tried: ranked)
        }
    }
}
