/// Why a series cannot be given to an ARIMA model.
public enum ARIMAError: Error, Sendable, Hashable {
    /// The coefficients do not belong to the order, or the model is not stationary.
    case coefficientsOutOfRange
    /// An infinite value, at this index.
    case infiniteValue(index: Int)
    /// What differencing and regression leave is zero: there is nothing to estimate.
    case noVariation
    /// See ``ARIMAOrder/isSupported``.
    case orderNotSupported
    /// A regressor column is shorter than the series (or than the horizon) or holds a value that is not finite.
    case regressorNotUsable(column: Int)
    /// Fewer known values than the order needs.
    case tooFewValues(known: Int, needed: Int)
}
