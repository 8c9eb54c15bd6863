/// A way to forecast a daily pattern.
public enum ForecastMethod: Sendable, Hashable {
    /// ARIMA with a factor for the day and one for the week.
    case doubleSeasonARIMA
    /// ARIMA of the days of one kind glued together.
    case likeDayARIMA
    /// Mean of the latest days of the same kind, step by step.
    case likeDayMean(days: Int)
    /// The mean of everything known; zero if nothing is.
    case overallMean
    /// ARIMA with a factor for the day.
    case seasonARIMA
    /// The value one period ago.
    case seasonalNaive(days: Int)
}

extension ForecastMethod {
    /// The order of the model on a series with this many steps per day; nil for a method without a model.
    public func order(stepsPerDay: Int) -> ARIMAOrder? {
        guard stepsPerDay > 1 else { return nil }
        let day = SeasonalOrder(0, 1, 1, period: stepsPerDay)
        switch self {
        case .seasonARIMA, .likeDayARIMA: return ARIMAOrder(2, 0, 1, seasonal: [day])
        case .doubleSeasonARIMA:
            let week = SeasonalOrder(0, 1, 1, period: 7 * stepsPerDay)
            return ARIMAOrder(2, 0, 1, seasonal: [day, week])
        case .likeDayMean, .overallMean, .seasonalNaive: return nil
        }
    }
}

extension ForecastMethod: CustomStringConvertible {
    /// For tables and logs.
    public var description: String {
        switch self {
        case .doubleSeasonARIMA: "double-season ARIMA"
        case .likeDayARIMA: "like-day ARIMA"
        case .likeDayMean(let days): "mean of \(days) like days"
        case .overallMean: "overall mean"
        case .seasonARIMA: "seasonal ARIMA"
        case .seasonalNaive(let days): days == 1 ? "seasonal naive (day)" : "seasonal naive (\(days) days)"
        }
    }
}
