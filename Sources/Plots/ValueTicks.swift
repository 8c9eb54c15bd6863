/// Round values for an axis.
struct ValueTicks {
    /// Lower end of the axis.
    let lower: Double
    /// Upper end of the axis, above ``lower``.
    let upper: Double
    /// Where the ticks stand.
    let values: [Double]
    private let decimals: Int

    /// An axis around a range with at most about `count` ticks; the range may be empty or turned around.
    init(_ range: (low: Double, high: Double), count: Int) {
        var (low, high) = range.low <= range.high ? range : (range.high, range.low)
        if !(low.isFinite && high.isFinite) || max(low.magnitude, high.magnitude) > 1e300 { (low, high) = (0, 1) }
        // A constant stands in the middle of an axis of its own size.
        if high - low <= 1e-12 * max(low.magnitude, high.magnitude, 1e-290) {
            let room = max(low.magnitude / 2, 1e-290)
            (low, high) = low == 0 ? (0, 1) : (low - room, high + room)
        }
        let (step, decimals) = Self.step(above: (high - low) / Double(max(count, 1)))
        let first = (low / step).rounded(.down)
        let last = (high / step).rounded(.up)
        lower = first * step
        upper = last * step
        values = (0...Int(min(last - first, 1_000))).map { (first + Double($0)) * step }
        self.decimals = decimals
    }

    /// The smallest of 1, 2, 2.5 and 5 times a power of ten that is not below `least`, and the decimals it needs.
    private static func step(above least: Double) -> (Double, Int) {
        var (power, exponent) = (1.0, 0)
        while power > least { (power, exponent) = (power / 10, exponent - 1) }
        while power * 10 <= least { (power, exponent) = (power * 10, exponent + 1) }
        let factor = [1, 2, 2.5, 5, 10].first { $0 * power >= least } ?? 10
        return (factor * power, max(-exponent + (factor == 2.5 ? 1 : 0) - (factor == 10 ? 1 : 0), 0))
    }

    /// A tick's label, with a narrow space between thousands; a power of ten beside very small and large numbers.
    func label(_ value: Double) -> String {
        guard decimals <= 6, value.magnitude < 1e12 else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let units = Int((value.magnitude * scale).rounded())
        var digits = String(units)
        while digits.count <= decimals { digits = "0" + digits }
        let whole = Array(digits.dropLast(decimals))
        var grouped = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index) % 3 == 0, whole.count > 4 { grouped += "\u{202F}" }
            grouped.append(digit)
        }
        let fraction = decimals > 0 ? "." + digits.suffix(decimals) : ""
        return (value < 0 && units != 0 ? "\u{2212}" : "") + grouped + fraction
    }
}
