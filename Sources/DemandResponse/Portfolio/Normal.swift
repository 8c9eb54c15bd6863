import Glibc

/// The standard normal distribution.
enum Normal {
    /// The probability of a value below `x`.
    static func probability(below x: Double) -> Double {
        0.5 * erfc(-x / 2.0.squareRoot())
    }

    /// The value below which a standard normal one lies with `probability`, 0.5 to 0.999; by bisection.
    static func quantile(_ probability: Double) -> Double {
        var low = 0.0
        var high = 8.0
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if Self.probability(below: middle) < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
