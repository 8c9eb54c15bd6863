/// How much computing a forecast may take.
public enum ForecastEffort: Sendable, Hashable {
    /// Long seasons are estimated by the conditional criterion: tens of milliseconds per series.
    case quick
    /// Everything is estimated by the exact likelihood.
    case thorough

    /// Length of the state above which the conditional criterion is used.
    var longestExactState: Int { self == .quick ? 120 : 8192 }
}
