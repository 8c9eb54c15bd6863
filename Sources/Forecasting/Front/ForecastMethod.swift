/// A way to forecast a daily pattern.
public indirect enum ForecastMethod: Sendable, Hashable, Codable {
    /// An ARIMA model.
    case arima(ModelRecipe)
    /// A weighted mean of several methods, the weightiest first.
    case combination([ForecastMethod])
    /// Mean of the latest days of the same kind, step by step.
    case likeDayMean(days: Int)
    /// The mean of everything known; zero if nothing is.
    case overallMean
    /// Levels for each step of the week, with the drivers if there are any.
    case patternRegression
    /// The value some days ago.
    case seasonalNaive(days: Int)

    /// ARIMA of the days of one kind glued together.
    public static let likeDayARIMA = arima(ModelRecipe(.likeDays, (2, 0, 1), day: (1, 1, 1)))
    /// ARIMA with a factor for the day.
    public static let seasonARIMA = arima(ModelRecipe(.calendar, (2, 0, 1), day: (1, 1, 1)))
    /// ARIMA with an autoregressive factor for the day and a differenced one for the week.
    public static let doubleSeasonARIMA = arima(ModelRecipe(.calendar, (2, 0, 1), day: (1, 0, 1), week: (0, 1, 1)))
    /// The same for a level that wanders.
    public static let wanderingDoubleSeasonARIMA = arima(
        ModelRecipe(.calendar, (2, 1, 2), day: (1, 0, 1), week: (0, 1, 1)))

    /// True if a model stands behind the method.
    public var isModel: Bool {
        switch self {
        case .arima: true
        case .combination(let methods): methods.contains { $0.isModel }
        case .likeDayMean, .overallMean, .patternRegression, .seasonalNaive: false
        }
    }
}

/// An ARIMA model in days and weeks, free of the number of steps of a day.
public struct ModelRecipe: Sendable, Hashable, Codable {
    /// Which values the model sees.
    public enum Sequence: String, Sendable, Hashable, Codable {
        /// All of them.
        case calendar
        /// The days of one kind, glued together.
        case likeDays
    }

    /// Which values the model sees.
    public var sequence: Sequence
    /// (p, d, q).
    public var base: ARIMAOrder
    /// (P, D, Q) at the lag of a day.
    public var day: SeasonalOrder
    /// (P, D, Q) at the lag of a week.
    public var week: SeasonalOrder?
    /// Fits the logarithm, for a positive series.
    public var isLogarithmic = false
    /// Regresses on the task's drivers.
    public var usesDrivers = false

    /// Writes a model; periods are counted in days here.
    public init(
        _ sequence: Sequence, _ base: (Int, Int, Int), day: (Int, Int, Int), week: (Int, Int, Int)? = nil
    ) {
        self.sequence = sequence
        self.base = ARIMAOrder(base.0, base.1, base.2)
        self.day = SeasonalOrder(day.0, day.1, day.2, period: 1)
        self.week = week.map { SeasonalOrder($0.0, $0.1, $0.2, period: 7) }
    }

    /// The same model of the logarithm.
    public var logarithmic: ModelRecipe {
        var copy = self
        copy.isLogarithmic = true
        return copy
    }

    /// The same model with the task's drivers.
    public var driven: ModelRecipe {
        var copy = self
        copy.usesDrivers = true
        return copy
    }

    /// The order on a series with this many steps per day.
    public func order(stepsPerDay: Int) -> ARIMAOrder {
        var order = base
        for factor in [day, week].compactMap(\.self) where stepsPerDay * factor.period > 1 {
            var scaled = factor
            scaled.period *= stepsPerDay
            order.seasonal.append(scaled)
        }
        return order
    }
}

extension ForecastMethod: CustomStringConvertible {
    /// For tables and logs.
    public var description: String {
        switch self {
        case .arima(let recipe): recipe.description
        case .combination(let methods):
            "mean of \(methods.count) methods, mostly \(methods.first?.description ?? "none")"
        case .likeDayMean(let days): "mean of \(days) like days"
        case .overallMean: "overall mean"
        case .patternRegression: "time-of-week regression"
        case .seasonalNaive(let days): days == 1 ? "day before" : "\(days) days before"
        }
    }
}

extension ModelRecipe: CustomStringConvertible {
    /// For example `like-day ARIMA(2,0,1)(1,1,1)day`.
    public var description: String {
        func write(_ factor: SeasonalOrder, _ name: String) -> String {
            "(\(factor.autoregressive),\(factor.differences),\(factor.movingAverage))\(name)"
        }
        let start = sequence == .likeDays ? "like-day ARIMA" : "ARIMA"
        return start + base.description + write(day, "day") + (week.map { write($0, "week") } ?? "")
            + (isLogarithmic ? " of the logarithm" : "") + (usesDrivers ? " with drivers" : "")
    }
}
