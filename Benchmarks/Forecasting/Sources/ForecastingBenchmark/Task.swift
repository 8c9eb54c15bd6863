import Forecasting

/// One thing to time, under the name that the peers use too.
enum Task: String, CaseIterable {
    case fit12 = "fit s=12"
    case fit24 = "fit s=24"
    case fit96 = "fit s=96"
    case search12 = "order search s=12"
    case search24 = "order search s=24"
    case search96 = "order search s=96"
    case batchHourly = "1,000 meters x 60 d hourly"
    case batchQuarterHourly = "100 meters x 30 d 15 min"

    /// Steps per season.
    var period: Int {
        switch self {
        case .fit12, .search12: 12
        case .batchHourly, .fit24, .search24: 24
        case .batchQuarterHourly, .fit96, .search96: 96
        }
    }

    /// The model of the fits and batches.
    var order: ARIMAOrder {
        switch self {
        case .fit12, .search12: ARIMAOrder(0, 1, 1, seasonal: [SeasonalOrder(0, 1, 1, period: 12)])
        case .batchHourly, .fit24, .search24: ARIMAOrder(1, 0, 1, seasonal: [SeasonalOrder(0, 1, 1, period: 24)])
        case .batchQuarterHourly, .fit96, .search96:
            ARIMAOrder(1, 0, 0, seasonal: [SeasonalOrder(0, 1, 1, period: 96)])
        }
    }

    /// The series of the fits and searches.
    func series(_ data: LoadData) -> [Double] {
        switch period {
        case 12: data.airline
        case 24: data.zones[0]
        default: Array(data.building.prefix(2880))
        }
    }

    /// Does the work once; what it found, with the log likelihood where there is one.
    func run(_ data: LoadData) throws -> (logLikelihood: Double?, note: String) {
        switch self {
        case .fit12, .fit24, .fit96:
            let fit = try ARIMA.fit(series(data), order: order)
            return (fit.logLikelihood, "exact")
        case .search12, .search24, .search96:
            let fit = try OrderSearch(period: period).best(series(data)).fit
            return (fit.logLikelihood, "exact, \(fit.order.short), AICc \(fixed(fit.aicc, 2))")
        case .batchHourly:
            for index in 0..<1000 { try day(data.hourlyMeter(index)) }
        case .batchQuarterHourly:
            for index in 0..<100 { try day(data.quarterHourlyMeter(index)) }
        }
        return (nil, "exact fit and a day's forecast")
    }

    /// Fits a meter and forecasts its next day.
    private func day(_ series: [Double]) throws {
        _ = try ARIMA.fit(series, order: order).forecast(steps: period)
    }
}

extension ARIMAOrder {
    /// (p,d,q)(P,D,Q).
    var short: String {
        let seasonal = seasonal.map { "(\($0.autoregressive),\($0.differences),\($0.movingAverage))" }.joined()
        return "(\(autoregressive),\(differences),\(movingAverage))\(seasonal)"
    }
}
