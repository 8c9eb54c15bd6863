/// Widths of intervals learnt from errors that were made: split conformal prediction on standardised errors.
///
/// A quantile of past |error| / standard error replaces that of the normal distribution, unless fewer than twenty
/// errors are known.
public struct IntervalCalibration: Sendable, Hashable, Codable {
    /// Sorted |error| / standard error of the held-out days.
    private let ratios: [Double]

    /// Learns from standardised errors.
    init(_ standardisedErrors: [Double]) {
        ratios = standardisedErrors.map(\.magnitude).sorted()
    }

    /// Standard errors on either side that leave 1 - `level` outside.
    public func multiplier(level: Double) -> Double {
        let inside = min(max(level, 0), 0.999_999_999)
        let normal = NormalDistribution.quantile(0.5 + 0.5 * inside)
        guard ratios.count >= 20 else { return normal }
        // The days that chose the method and its weights flatter it: coming errors are larger, most of all in the
        // tails. On the series that this was tried on, these levels cover what they promise.
        let outside = 1 - inside
        let careful = 1 - outside * outside / (outside + 0.06)
        let count = Double(ratios.count)
        let place = min(max((count + 1) * careful - 1, 0), count - 1)
        let low = Int(place)
        let share = place - Double(low)
        let empirical = ratios[low] + share * (ratios[min(low + 1, ratios.count - 1)] - ratios[low])
        return min(max(empirical, 0.4 * normal), 6 * normal)
    }

    /// Factor between the 95 % multiplier and that of the normal distribution.
    var spread: Double { multiplier(level: 0.95) / 1.959963984540054 }
}
